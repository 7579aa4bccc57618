import OrderedJSON
import Testing

@testable import TerraformState

@Suite struct StateDifferenceTests {
    private typealias Change = StateDifference.Change

    private func state(_ resources: String, outputs: String = "{}") throws -> StateFile {
        try StateFile(
            Array(#"{"version":4,"serial":1,"lineage":"l","outputs":\#(outputs),"resources":[\#(resources)]}"#.utf8))
    }

    private func resource(_ name: String, _ attributes: String, _ rest: String = "") -> String {
        #"{"mode":"managed","type":"a","name":"\#(name)","provider":"p","instances":"#
            + #"[{"attributes":\#(attributes)\#(rest)}]}"#
    }

    /// The changes of one resource's attributes, as `path change before after`.
    private func changes(
        _ before: String, _ after: String, marks: (String, String) = ("[]", "[]"), revealing: Bool = false
    ) throws -> [String] {
        let difference = try StateDifference(
            from: try state(resource("r", before, #","sensitive_attributes":\#(marks.0)"#)),
            to: try state(resource("r", after, #","sensitive_attributes":\#(marks.1)"#)), revealing: revealing)
        return difference.resources.flatMap(\.values).map {
            "\($0.path) \($0.change) \($0.before?.text ?? "-") \($0.after?.text ?? "-")"
        }
    }

    @Test(
        arguments: [
            (#"{"tags":{"Name":"a"}}"#, #"{"tags":{"Name":"b"}}"#, [#"tags["Name"] changed "a" "b""#]),
            (#"{"in":[{"port":1}]}"#, #"{"in":[{"port":2}]}"#, ["in[0].port changed 1 2"]),
            (
                #"{"m":[{"labels":{"a.b/c":"x"}}]}"#, #"{"m":[{"labels":{}}]}"#,
                [#"m[0].labels["a.b/c"] removed "x" -"#]
            ),
            (#"{"a":null,"b":1}"#, #"{"a":[],"b":null}"#, ["a added - []", "b removed 1 -"]),
            (#"{"a":null}"#, "{}", []),
            (#"{"a":{"b":1}}"#, #"{"a":[1]}"#, [#"a changed {"b":1} [1]"#]),
            // One inserted, one removed, and others changed in between.
            ("{\"l\":[1,2,3]}", "{\"l\":[0,1,2,3]}", ["l[0] added - 0"]),
            ("{\"l\":[1,2,3]}", "{\"l\":[1,3]}", ["l[1] removed 2 -"]),
            ("{\"l\":[1,2,3,4]}", "{\"l\":[1,5,6,7,4]}", ["l[1] changed 2 5", "l[2] changed 3 6", "l[3] added - 7"]),
            ("{\"l\":[1,1]}", "{\"l\":[1]}", ["l[1] removed 1 -"]),
            ("{\"n\":100}", "{\"n\":100}", []),
            (#"{"a-b":{"":1}}"#, #"{"a-b":{"":2}}"#, [#"a-b[""] changed 1 2"#]),
        ] as [(String, String, [String])])
    func attributesAreCompared(_ before: String, _ after: String, expected: [String]) throws {
        #expect(try changes(before, after) == expected)
    }

    private static let secret = #"[[{"type":"get_attr","value":"secret"}]]"#

    /// What one side marks is hidden on both.
    @Test(arguments: [(secret, "[]"), ("[]", secret), (secret, secret)])
    func whatEitherSideMarksIsHidden(_ marks: (String, String)) throws {
        let (before, after) = (#"{"secret":{"a":"hush"}}"#, #"{"secret":{"a":"hush2"}}"#)
        #expect(try changes(before, after, marks: marks) == [#"secret changed "(sensitive)" "(sensitive)""#])
        #expect(
            try changes(before, after, marks: marks, revealing: true) == [#"secret["a"] changed "hush" "hush2""#])
        #expect(try changes(before, "{}", marks: marks) == [#"secret removed "(sensitive)" -"#])
        #expect(try changes(before, before, marks: marks) == [])
    }

    private static func element(_ index: Int) -> String {
        #"[[{"type":"get_attr","value":"l"},{"type":"index","value":{"value":\#(index),"type":"number"}},"#
            + #"{"type":"get_attr","value":"p"}]]"#
    }

    @Test func marksDeepInsideHideOnlyWhatTheyName() throws {
        let mark = Self.element(0)
        #expect(
            try changes(
                #"{"l":[{"p":"hush","q":1}]}"#, #"{"l":[{"p":"hush2","q":2}]}"#, marks: (mark, "[]"))
                == [#"l[0].p changed "(sensitive)" "(sensitive)""#, "l[0].q changed 1 2"])
        // Where a whole value is shown, what is marked in it is hidden.
        #expect(
            try changes("{}", #"{"l":[{"p":"hush","q":1}]}"#, marks: ("[]", mark))
                == [#"l added - [{"p":"(sensitive)","q":1}]"#])
        // A mark that fits nothing that stands there hides all of it.
        for after in [#"{"l":"hush"}"#, #"{"l":{"p":"hush"}}"#] {
            let found = try changes(#"{"l":[{"p":"hush"}]}"#, after, marks: (mark, "[]"))
            #expect(found == [#"l changed "(sensitive)" "(sensitive)""#])
        }
        let outside = try changes(#"{"l":[{"p":"hush"}]}"#, #"{"l":[]}"#, marks: (Self.element(7), "[]"))
        #expect(outside == [#"l changed "(sensitive)" "(sensitive)""#])
    }

    /// Paths into an attribute of open type lead into its value, which stands beside the type.
    @Test func valuesOfOpenTypeAreComparedWithoutTheirType() throws {
        func open(_ value: String, _ type: String) -> String { #"{"in":{"value":\#(value),"type":\#(type)}}"# }
        let object = #"["object",{"a":"string","b":"number"}]"#
        let (before, after) = (open(#"{"a":"x","b":1}"#, object), open(#"{"a":"y","b":2}"#, object))
        #expect(try changes(before, after) == [#"in["a"] changed "x" "y""#, #"in["b"] changed 1 2"#])
        let mark = #"[[{"type":"get_attr","value":"in"},{"type":"get_attr","value":"a"}]]"#
        #expect(
            try changes(before, after, marks: ("[]", mark))
                == [#"in["a"] changed "(sensitive)" "(sensitive)""#, #"in["b"] changed 1 2"#])
        #expect(try changes("{}", before, marks: ("[]", mark)) == [#"in added - {"a":"(sensitive)","b":1}"#])
        let (number, text) = (open("1", #""number""#), open("1", #""string""#))
        #expect(try changes(number, text) == [#"in["type"] changed "number" "string""#])
        // A map that is none of these.
        #expect(
            try changes(#"{"in":{"value":1,"type":"t2.micro"}}"#, #"{"in":{"value":2,"type":"t2.micro"}}"#)
                == [#"in["value"] changed 1 2"#])
    }

    @Test func resourcesComeAndGo() throws {
        let difference = try StateDifference(
            from: try state("\(resource("gone", #"{"id":1}"#)),\(resource("same", #"{"id":2}"#))"),
            to: try state(
                "\(resource("same", #"{"id":2}"#, #","status":"tainted","private":"hush""#)),\(resource("new", "{}"))"))
        #expect(difference.resources.map(\.address) == ["a.same", "a.new", "a.gone"])
        #expect(difference.resources.map(\.change) == [.changed, .added, .removed])
        #expect(difference.resources[0].otherMembers == ["status", "private"])
        #expect(difference.resources[2].values.map { "\($0.path) \($0.change)" } == ["id removed"])
    }

    /// An instance that waits to be destroyed has the address of the one that replaced it.
    /// No engine writes such a state, but somebody's editor may.
    @Test func whatHasTheSameAddressIsComparedInItsOrder() throws {
        let (one, two) = (resource("r", #"{"n":1}"#), resource("r", #"{"n":2}"#))
        let twice = try state("\(one),\(two)")
        #expect(try StateDifference(from: twice, to: twice).isEmpty)
        let once = try StateDifference(from: twice, to: try state(one)).resources
        #expect(once.map(\.change) == [.removed])
        #expect(once.first?.values.first?.before == 2)
    }

    @Test func deposedObjectsAreTheirOwn() throws {
        let current = #"{"attributes":{"id":2}}"#
        func both(_ deposed: String) -> String {
            #"{"mode":"managed","type":"a","name":"r","provider":"p","instances":[\#(deposed)\#(current)]}"#
        }
        let difference = try StateDifference(
            from: try state(both(#"{"deposed":"4ee7","attributes":{"id":1}},"#)), to: try state(both("")))
        #expect(difference.resources.map(\.deposedKey) == ["4ee7"])
        #expect(difference.resources.map(\.change) == [.removed])
    }

    @Test func outputsAreCompared() throws {
        let difference = try StateDifference(
            from: try state(
                "",
                outputs: #"{"a":{"value":{"k":1}},"b":{"value":1},"c":{"value":"x","sensitive":true},"d":{"value":1}}"#),
            to: try state(
                "",
                outputs: #"{"a":{"value":{"k":2}},"c":{"value":"y"},"e":{"value":3},"d":{"value":1,"type":"number"}}"#))
        #expect(difference.outputs.map(\.name) == ["a", "c", "e", "d", "b"])
        #expect(difference.outputs.map(\.change) == [.changed, .changed, .added, .changed, .removed])
        #expect(difference.outputs[0].values.map { "\($0.path)" } == [#"a["k"]"#])
        #expect(difference.outputs[1].values.map(\.after) == [StateFile.hidden])
        #expect(difference.outputs[1].otherMembers == ["sensitive"])
        #expect(difference.outputs[3].otherMembers == ["type"])
        #expect(difference.outputs[3].values.isEmpty)
    }

    @Test func encryptedStatesSaySo() throws {
        let encrypted = try StateFile(Array(#"{"serial":1,"lineage":"l","encrypted_data":"x"}"#.utf8))
        #expect { try StateDifference(from: encrypted, to: try state("")) } throws: {
            ($0 as? StateFileError)?.code == .encrypted
        }
    }
}
