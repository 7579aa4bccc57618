@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import PositionedYAML
import Testing

@Suite struct YAMLTests {
    private func json(_ text: String) throws -> JSON { try YAMLReader.json(Array(text.utf8)) }

    @Test(
        arguments: [
            ("yes", "true"), ("Off", "false"), ("y", "true"), ("~", "null"), ("", "null"), ("0x10", "16"),
            ("010", "8"), ("0b11", "3"), ("1_000", "1000"), ("-12", "-12"), ("1.5", "1.5"), ("1e3", "1000"),
            (".5", "0.5"), ("1.", "1"), ("18446744073709551615", "18446744073709551615"),
            ("2026-11-23", "\"2026-11-23\""),
            ("'yes'", "\"yes\""), ("\"0x10\"", "\"0x10\""), ("!!str 12", "\"12\""), ("!!binary aGk=", "\"hi\""),
            ("1:20", "\"1:20\""), ("09", "9"), ("v1.30", "\"v1.30\""), ("1.30", "1.3"), ("+", "\"+\""),
        ])
    func wordsMeanWhatTheyMeanToKubectl(text: String, expected: String) throws {
        let expected = try JSON(parsing: "{\"a\":\(expected)}")
        #expect(try json("a: \(text)") == expected)
    }

    @Test func keysAreStrings() throws {
        #expect(try json("{1: a, yes: b, 1.5: c, '2': d}").text == #"{"1":"a","true":"b","1.5":"c","2":"d"}"#)
        #expect(throws: YAMLReader.Failure.self) { try json("~: a") }
        #expect(throws: YAMLReader.Failure.self) { try json("[a]: b") }
    }

    @Test func anchorsAndMergesAreFollowed() throws {
        #expect(
            try json("base: &b {x: 1, y: &y 2}\nmore: {<<: *b, y: 3, z: *b}").text
                == #"{"base":{"x":1,"true":2},"more":{"true":3,"z":{"x":1,"true":2},"x":1}}"#)
        #expect(throws: YAMLReader.Failure.self) { try json("a: *b") }
    }

    @Test(
        arguments: [
            ("a: b: c", "yaml: line 1: mapping values are not allowed in this context"),
            ("a: 1\na: 2", "yaml: unmarshal errors:\n  line 1: key \"a\" already set in map"),
            ("a: .nan", "json: unsupported value: .nan"),
            (
                "a: 1\n---\nb: 2",
                "yaml: line 2: expected a single document in the stream but found another document"
            ),
        ])
    func whatIsNoneIsRefused(text: String, message: String) {
        #expect(throws: YAMLReader.Failure(message: message)) { try json(text) }
    }

    @Test func aliasesDoNotGrowWithoutBound() {
        let levels = (1...9).map {
            "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]"
        }
        let bomb = "a0: &a0 [lol]\n" + levels.joined(separator: "\n")
        for text in [bomb, bomb + "\n? *a9\n: x", bomb + "\n*a9 : x", bomb + "\nz: {<<: *a9}"] {
            #expect(throws: YAMLReader.Failure.self) { try json(text) }
        }
    }

    @Test func depthIsBounded() {
        for text in [
            String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
            String(repeating: "{a: ", count: 10_000), String(repeating: "? ", count: 10_000),
            String(repeating: "[", count: 600) + String(repeating: "]", count: 600),
        ] {
            #expect(throws: YAMLReader.Failure.self) { try json(text) }
        }
    }

    @Test func whatIsWrittenIsReadAlike() throws {
        let object: JSON = [
            "b": [
                "yes", "1", "null", "", "a: b", "- c", "#d", "x\ny\n", " z ", "2026-11-23", "1:20", "é", "😀", "\t",
                "a\u{0}b",
            ],
            "a10": 10, "a2": ["c": [:], "d": [], "e": nil, "f": true], "y": "plain text",
        ]
        let text = String(decoding: try YAMLWriter.document(object), as: UTF8.self)
        #expect(try json(text) == object)
        #expect(
            text.hasPrefix(
                "a2:\n  c: {}\n  d: []\n  e: null\n  f: true\na10: 10\nb:\n- \"yes\"\n- \"1\"\n- \"null\"\n- \"\"\n"))
        #expect(text.hasSuffix("\"y\": plain text\n"))
    }

    @Test func longTextIsNotFolded() throws {
        let words = Array(repeating: "word", count: 100).joined(separator: " ")
        #expect(String(decoding: try YAMLWriter.document(["a": .string(words)]), as: UTF8.self) == "a: \(words)\n")
    }
}
