@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import Testing

@Suite struct JSONPatchTests {
    /// - Parameter result: nil where the patch does not apply.
    struct Case: Sendable, CustomTestStringConvertible {
        let document: String
        let patch: String
        let result: String?

        init(_ document: String, _ patch: String, _ result: String?) {
            self.document = document
            self.patch = patch
            self.result = result
        }

        var testDescription: String { patch }
    }

    @Test(arguments: [
        Case(#"{"a":1}"#, #"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1,"b":2}"#),
        Case(#"{"a":1}"#, #"[{"op":"add","path":"/a","value":2}]"#, #"{"a":2}"#),
        Case(#"{"a":1}"#, #"[{"op":"add","path":"/b/c","value":2}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"add","path":"/a/c","value":2}]"#, nil),
        Case(#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/1","value":3}]"#, #"{"a":[1,3,2]}"#),
        Case(#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/-","value":3}]"#, #"{"a":[1,2,3]}"#),
        Case(#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/2","value":3}]"#, #"{"a":[1,2,3]}"#),
        Case(#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/3","value":3}]"#, nil),
        Case(#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/-1","value":3}]"#, #"{"a":[1,2,3]}"#),
        Case(#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/x","value":3}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"add","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
        Case(#"{"a":1}"#, #"[{"op":"add","path":"b","value":2}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"remove","path":"/a"}]"#, "{}"),
        Case(#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"remove","path":""}]"#, nil),
        Case(#"{"a":[1,2]}"#, #"[{"op":"remove","path":"/a/0"}]"#, #"{"a":[2]}"#),
        Case(#"{"a":[1,2]}"#, #"[{"op":"remove","path":"/a/-1"}]"#, #"{"a":[1]}"#),
        Case(#"{"a":[1,2]}"#, #"[{"op":"remove","path":"/a/2"}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"replace","path":"/a","value":[2]}]"#, #"{"a":[2]}"#),
        Case(#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":2}]"#, nil),
        Case(#"{"a":[1,2]}"#, #"[{"op":"replace","path":"/a/1","value":3}]"#, #"{"a":[1,3]}"#),
        Case(#"{"a":1}"#, #"[{"op":"replace","path":"","value":{}}]"#, "{}"),
        Case(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a/b","path":"/c"}]"#, #"{"a":{},"c":1}"#),
        Case(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, nil),
        Case(#"{"a":{"b":1}}"#, #"[{"op":"move","path":"/c"}]"#, nil),
        Case(#"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/a/c"}]"#, #"{"a":{"b":1,"c":{"b":1}}}"#),
        Case(#"{"a":1}"#, #"[{"op":"copy","from":"/x","path":"/a"}]"#, nil),
        Case(#"{"a":{"b":1,"c":2}}"#, #"[{"op":"test","path":"/a","value":{"c":2,"b":1}}]"#, #"{"a":{"b":1,"c":2}}"#),
        Case(#"{"a":1}"#, #"[{"op":"test","path":"/a","value":2}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"test","path":"/a","value":"1"}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, #"{"a":1}"#),
        Case(#"{"a":1}"#, #"[{"op":"test","path":"/b/c","value":null}]"#, nil),
        Case(
            #"{"a/b":1,"c~d":2}"#, #"[{"op":"test","path":"/a~1b","value":1},{"op":"remove","path":"/c~0d"}]"#,
            #"{"a/b":1}"#),
        Case(#"{"a":1}"#, #"[{"op":"spin","path":"/a"}]"#, nil),
        Case(#"{"a":1}"#, #"[{"path":"/a"}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"remove"}]"#, nil),
        Case(#"{"a":1}"#, #"[{"op":"remove","path":"/a"},{"op":"test","path":"/a","value":1}]"#, nil),
        Case(#"{"a":1}"#, "[]", #"{"a":1}"#),
    ])
    func applies(_ sample: Case) throws {
        let patch = JSONPatch(try JSON(parsing: sample.patch).array ?? [])
        let document = try JSON(parsing: sample.document)
        guard let result = sample.result else {
            #expect(throws: JSONPatch.Failure.self) { try patch.applied(to: document) }
            return
        }
        #expect(try patch.applied(to: document).text == result)
    }

    @Test func copiesAreBounded() throws {
        let value = JSON.string(String(repeating: "x", count: 1 << 20))
        let copies = (0..<4).map {
            JSON(dictionaryLiteral: ("op", "copy"), ("from", "/a"), ("path", .string("/c\($0)")))
        }
        let document: JSON = ["a": value]
        #expect(throws: JSONPatch.Failure.self) { try JSONPatch(copies).applied(to: document) }
        #expect(try JSONPatch(Array(copies.prefix(2))).applied(to: document).object?.count == 3)
    }

    @Test func largeObjectsArePatchedInTime() throws {
        let names = (0..<40_000).map { "k\($0)" }
        let document = JSON.object(JSONObject(names.map { ($0, "x") }))
        let nulls = JSON.object(JSONObject(names.map { ($0, .null) }))
        #expect(MergePatch.merged(document, nulls) == [:])
        let type = ObjectType(name: "Map", fields: [])
        #expect(
            try StrategicMergePatch.merged(
                document.object ?? [:], nulls.object ?? [:], FieldType.object(type)
            ).isEmpty)
        let removals = names.prefix(2000).map { JSON(dictionaryLiteral: ("op", "remove"), ("path", .string("/\($0)"))) }
        #expect(try JSONPatch(removals).applied(to: document).object?.count == 38_000)
    }

    @Test func operationsDoNotNestWithoutEnd() throws {
        var (value, path, operations): (JSON, String, [JSON]) = (1, "", [])
        for _ in 0..<100 { value = ["a": value] }
        for _ in 0..<8 {
            operations.append(["op": "add", "path": .string("\(path)/a"), "value": value])
            path += String(repeating: "/a", count: 101)
        }
        #expect(throws: JSONPatch.Failure.self) { try JSONPatch(operations).applied(to: [:]) }
        #expect(try JSONPatch(Array(operations.prefix(1))).applied(to: [:])["a"] == value)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"b":2}"#, #"{"a":1,"b":2}"#), (#"{"a":1}"#, #"{"a":null}"#, "{}"),
        (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"b":null,"d":3}}"#, #"{"a":{"c":2,"d":3}}"#),
        (#"{"a":[1,2]}"#, #"{"a":[3]}"#, #"{"a":[3]}"#),
        (#"{"a":1}"#, #"{"a":{"b":null,"c":{"d":null}}}"#, #"{"a":{"c":{}}}"#),
        (#"{"a":{"b":1}}"#, #"{"a":2}"#, #"{"a":2}"#), (#"{"a":1}"#, "{}", #"{"a":1}"#),
    ])
    func merges(document: String, patch: String, result: String) throws {
        #expect(MergePatch.merged(try JSON(parsing: document), try JSON(parsing: patch)).text == result)
    }
}
