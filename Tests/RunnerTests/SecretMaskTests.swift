import Testing

@testable import Runner

@Suite struct SecretMaskTests {
    @Test(arguments: [
        ("token is swordfish.", "token is (sensitive value)."),
        ("swordfishswordfish", "(sensitive value)(sensitive value)"),
        ("swordfis", "swordfis"), (#"x = "a\"quoted\"b""#, #"x = "(sensitive value)""#),
        ("  second-line", "  (sensitive value)"), ("longer-than-swordfish", "(sensitive value)"), ("short", "short"),
        ("swordfish  ", "(sensitive value)  "), ("", ""),
    ])
    func valuesAreTakenOut(_ line: String, _ expected: String) {
        let mask = SecretMask([
            "swordfish", "a\"quoted\"b", "first-line\nsecond-line", "longer-than-swordfish", "short",
        ])
        #expect(mask.masked(line) == expected)
    }

    @Test func theTextsOfVariablesAreFound() {
        #expect(SecretMask.texts(ofAssignment: "a=b=c") == ["b=c"])
        #expect(SecretMask.texts(ofAssignment: #"a={ key = "one", "two" = "three" }"#).suffix(2) == ["one", "three"])
        let file = """
            # "comment-too"
            plain = "value\\nmore"
            pin   = 12345678
            list  = ["one", "two"]
            map   = { "key-name" = "three" }
            text  = <<-EOT
              four
              five
              EOT
            """
        let texts = SecretMask.texts(ofFile: Array(file.utf8), isJSON: false)
        for text in ["value\nmore", "12345678", "one", "two", "three"] { #expect(texts.contains(text), "\(text)") }
        #expect(texts.contains { $0.contains("four") && $0.contains("five") })
        #expect(!texts.contains("key-name"))
        let json = SecretMask.texts(ofFile: Array(#"{"a": {"b": ["one", 12345678, true]}}"#.utf8), isJSON: true)
        #expect(json == ["one", "12345678"])
    }
}
