import KubernetesAPI
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func agreesWithRFC4648(plain: String, encoded: String) throws {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(try Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test func bringsEveryLengthBack() throws {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.encode(AnyCollection(bytes)) == Base64.encode(bytes))
        }
    }

    @Test(arguments: ["Zm9v\nYmFy", "Zm\r\n9vYm\nFy\n", "\nZm9vYmFy", "Zm9vYmFy\r\n\r\n"])
    func ignoresLineBreaks(text: String) throws {
        #expect(try Base64.decode(text) == Array("foobar".utf8))
        #expect(try Base64.decode("Zg=\n=\n") == Array("f".utf8))
    }

    /// The offsets are those of Go's encoding/base64 (`TestDecodeCorrupt`).
    @Test(arguments: [
        ("!!!!", 0), ("====", 0), ("x===", 1), ("=AAA", 0), ("A=AA", 1), ("AA=A", 2), ("AA==A", 4), ("AAA=AAAA", 4),
        ("AAAAA", 4), ("AAAAAA", 4), ("A=", 1), ("A==", 1), ("AA=", 3), ("AA==", -1), ("AAA=", -1), ("AAAA", -1),
        ("AAAAAA=", 7), ("YWJjZA=====", 8), ("A!\n", 1), ("A=\n", 1), ("not base64", 3), ("Zm9v YmFy", 4),
    ])
    func namesTheByteThatGoNames(text: String, offset: Int) {
        do {
            _ = try Base64.decode(text)
            #expect(offset == -1)
        } catch {
            #expect(error.offset == offset)
            #expect(error.description == "illegal base64 data at input byte \(offset)")
        }
    }
}
