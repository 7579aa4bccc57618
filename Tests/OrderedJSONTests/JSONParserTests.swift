import OrderedJSON
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-1", "1e2", "1.50", "123456789012345678901234567890", #""""#, #""a""#, "[]",
        "{}",
        #"[1,"a",null,[{}]]"#, #"{"b":1,"a":{"c":[true]}}"#, #""äöü €""#, #""a\"b\\c\nd""#,
    ])
    func comesOutAsItWentIn(_ text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test(arguments: [
        (#""\u0041\/\b\f""#, "A/\u{8}\u{c}"), (#""\ud83d\ude00""#, "😀"), (#""\u00e9""#, "é"),
    ])
    func unescapes(_ text: String, expected: String) throws {
        #expect(try JSON(parsing: text).string == expected)
    }

    @Test(arguments: [
        ("", JSONError.Code.unexpectedEnd), ("{\"apiVersion\":", .unexpectedEnd), ("[1,", .unexpectedEnd),
        ("\"abc", .unexpectedEnd), ("tru", .unexpectedEnd), ("1.", .unexpectedEnd), ("{\"a\"}", .syntax),
        ("01", .syntax),
        ("[1 2]", .syntax), ("{,}", .syntax), ("[1,]", .syntax), ("nul!", .syntax), ("\"\\x\"", .syntax),
        ("\"\\ud83d\"", .invalidText), ("\"a\nb\"", .invalidText), ("1 2", .syntax), ("+1", .syntax), ("'a'", .syntax),
    ])
    func refuses(_ text: String, code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.code == code)
    }

    @Test func refusesInvalidUTF8() {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
        #expect(error?.code == .invalidText)
    }

    @Test func refusesDeepNestingWithoutExhaustingTheStack() {
        let text = String(repeating: "[", count: 1_000_000)
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == JSONParser.maximumDepth)
    }

    @Test func namesMembersGivenTwiceAndKeepsTheLast() throws {
        var parser = JSONParser(Array(#"{"a":{"b":1,"c":2,"b":3},"d":0}"#.utf8))
        #expect(try parser.parse()["a"]?["b"] == 3)
        #expect(parser.duplicateKeys == ["a.b"])
    }

    @Test func errorsCarryNoContent() {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: #"{"password":"hunter2"]"#) }
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
    }
}

@Suite struct JSONObjectTests {
    @Test(arguments: [3, 17, 5_000])
    func keepsOrderAndFindsMembersAtAnySize(_ count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", .number(JSONNumber($0))) })
        #expect(object.keys == (0..<count).map { "k\($0)" })
        object["k1"] = nil
        object["k2"] = "changed"
        object["new"] = true
        #expect(object["k1"] == nil)
        #expect(object["k2"] == "changed")
        #expect(object.keys.last == "new")
        #expect(object.count == count)
    }

    @Test(arguments: [3, 17, 500])
    func findsMembersWhenOthersHaveGone(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", JSON.number(JSONNumber($0))) })
        for number in stride(from: 0, to: count, by: 3) { object["k\(number)"] = nil }
        object["new"] = true
        for number in stride(from: 1, to: count, by: 3) { object["k\(number)"] = nil }
        for number in 0..<count { #expect(object["k\(number)"]?.int == (number % 3 == 2 ? number : nil)) }
        #expect(object["new"] == true)
        #expect(object.count == (count / 3) + 1)
    }

    @Test func equalInAnyOrder() {
        #expect(["a": 1, "b": 2] as JSON == ["b": 2, "a": 1])
        #expect(["a": 1] as JSON != ["a": 1, "b": 2])
    }

    @Test func setsNestedMembersInPlace() {
        var json: JSON = ["metadata": ["name": "x"]]
        json["metadata"]?["labels"] = ["a": "b"]
        json["spec"] = nil
        #expect(json.text == #"{"metadata":{"name":"x","labels":{"a":"b"}}}"#)
    }

    @Test func printsForPeople() {
        let json: JSON = ["a": [1, ["b": "c"]], "d": [], "e": [:]]
        #expect(
            json.prettyText == """
                {
                  "a": [
                    1,
                    {
                      "b": "c"
                    }
                  ],
                  "d": [],
                  "e": {}
                }

                """)
    }
}

/// A string that is left where it stands.
@Suite struct JSONLiftingTests {
    /// What the parser with and without lifting make of a document, told as one text.
    private func lifted(_ text: String) throws -> (rest: JSON, lifted: String?) {
        let bytes = Array(text.utf8)
        var parser = JSONParser(bytes, lifting: ["data", "key"])
        let rest = try parser.parse()
        return (rest, parser.liftedRange.map { String(decoding: bytes[$0], as: UTF8.self) })
    }

    @Test(arguments: [
        (#"{"data":{"key":"QUJD","other":"x"}}"#, "QUJD"),
        (#"{"a":[{"data":{"key":"no"}}],"data": { "key" : "" } }"#, ""),
        (#"{"data":{"key":"first","key":"last"}}"#, "last"),
        (#"{"data":{"key":"first"},"data":{"key":"last"}}"#, "last"),
        (#"{"data":{"k\u0065y":"QQ=="}}"#, "QQ=="),
    ])
    func leavesTheStringWhereItStands(_ text: String, expected: String) throws {
        let found = try lifted(text)
        #expect(found.lifted == expected)
        #expect(try JSON(parsing: text)["data"]?["key"]?.string == expected)
        #expect(found.rest["data"]?["key"] == "")
        #expect(found.rest["data"]?["other"] == (try JSON(parsing: text))["data"]?["other"])
    }

    @Test(arguments: [
        "{}", #"{"data":{}}"#, #"{"data":{"key":null}}"#, #"{"data":{"key":7}}"#, #"{"data":"key"}"#, #"["data"]"#,
        #"{"data":{"key":"a\u0062"}}"#, #"{"data":{"key":"QQ=="},"data":{}}"#, #"{"data":{"key":"QQ=="},"data":null}"#,
        #"{"data":{"key":"QQ==","key":null}}"#, #"{"data":{"key":"QQ==","key":"a\/b"}}"#, #"{"data":[{"key":"QQ=="}]}"#,
        #"{"key":"QQ==","x":{"data":{"key":"QQ=="}},"data":{"x":{"key":"QQ=="}}}"#,
    ])
    func liftsNothingElse(_ text: String) throws {
        let found = try lifted(text)
        #expect(found.lifted == nil)
        #expect(found.rest == (try JSON(parsing: text)))
    }

    @Test(arguments: [
        #"{"data":{"key":"abc"#, "{\"data\":{\"key\":\"a\nb\"}}", #"{"data":{"key":"\x"}}"#, #"{"data":{"key":"a""#,
    ])
    func refusesWhatTheParserRefuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(throws: JSONError.self) { try lifted(text) }
    }
}
