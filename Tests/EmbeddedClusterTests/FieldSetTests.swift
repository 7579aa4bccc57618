@testable import EmbeddedCluster
import OrderedJSON
import Testing

private func fields(_ text: String) throws -> FieldSet { try FieldSet(json: try JSON(parsing: text)) }

@Suite struct FieldSetTests {
    @Test(arguments: [
        "{}", #"{"f:type":{}}"#,
        #"{"f:data":{".":{},"f:a":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:type":{}}"#,
        #"{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}}}}"#,
        #"{"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{}}}"#,
        #"{"f:metadata":{"f:finalizers":{".":{},"v:\"a/b\"":{}}}}"#, #"{"f:x":{"i:0":{},"i:10":{}}}"#,
    ])
    func isWrittenAsItWasRead(text: String) throws {
        #expect(try fields(text).json.text == text)
    }

    @Test func isWrittenInOneOrder() throws {
        let set = try fields(
            #"{"v:\"b\"":{},"v:true":{},"v:10":{},"v:9":{},"i:0":{},"f:b":{},"k:{\"a\":1}":{},"f:a":{".":{}}}"#)
        #expect(
            set.json.text
                == #"{"f:a":{},"f:b":{},"k:{\"a\":1}":{},"v:9":{},"v:10":{},"v:\"b\"":{},"v:true":{},"i:0":{}}"#)
    }

    @Test func whatIsNotKnownIsLeftOutAndWhatIsNoneIsRefused() throws {
        #expect(try fields(#"{"f:a":{},"z:b":{}}"#).json.text == #"{"f:a":{}}"#)
        for text in [#"{"a":{}}"#, #"{"k:x":{}}"#, #"{"i:x":{}}"#, #"{"f:a":1}"#, "[]"] {
            #expect(throws: PathElement.Failure.self, "\(text)") { try fields(text) }
        }
    }

    @Test(arguments: [
        (
            #"{"f:a":{},"f:b":{"f:c":{}}}"#, #"{"f:b":{".":{},"f:d":{}}}"#,
            union: #"{"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}}}"#, difference: #"{"f:a":{},"f:b":{"f:c":{}}}"#,
            intersection: "{}"
        ),
        (
            #"{"f:a":{".":{},"f:b":{}}}"#, #"{"f:a":{}}"#, union: #"{"f:a":{".":{},"f:b":{}}}"#,
            difference: #"{"f:a":{"f:b":{}}}"#, intersection: #"{"f:a":{}}"#
        ),
        (
            #"{"f:a":{"f:b":{}}}"#, #"{"f:a":{"f:b":{}}}"#, union: #"{"f:a":{"f:b":{}}}"#, difference: "{}",
            intersection: #"{"f:a":{"f:b":{}}}"#
        ),
    ])
    func isASet(left: String, right: String, union: String, difference: String, intersection: String) throws {
        let (left, right) = (try fields(left), try fields(right))
        #expect(left.union(right).json.text == union)
        #expect(left.subtracting(right).json.text == difference)
        #expect(left.intersection(right).json.text == intersection)
    }

    @Test func pathsReadAsInMessages() throws {
        let set = try fields(
            #"{"f:data":{".":{},"f:a":{}},"f:spec":{"f:containers":{"k:{\"name\":\"c\",\"x\":1}":{".":{},"f:image":{}}},"f:set":{"v:\"s\"":{}},"f:list":{"i:0":{}}}}"#
        )
        #expect(
            set.paths.map { $0.map(\.description).joined() } == [
                ".data", ".data.a", #".spec.containers[name="c",x=1]"#, #".spec.containers[name="c",x=1].image"#,
                ".spec.list[0]", #".spec.set[="s"]"#,
            ])
    }

    @Test(arguments: [
        ("Secret", #"{"data":{"a":"YQ=="},"type":"Opaque"}"#, #"{"f:data":{"f:a":{}},"f:type":{}}"#),
        ("Secret", #"{"data":{},"metadata":{"labels":null}}"#, #"{"f:data":{},"f:metadata":{"f:labels":{}}}"#),
        (
            "Secret", #"{"metadata":{"labels":{"a":"b"},"finalizers":["f"]}}"#,
            #"{"f:metadata":{"f:finalizers":{"v:\"f\"":{}},"f:labels":{"f:a":{}}}}"#
        ),
        (
            "PodSpec",
            #"{"containers":[{"name":"a","args":["x"],"ports":[{"containerPort":80}]}],"nodeSelector":{"a":"b"}}"#,
            #"{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:args":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},"f:nodeSelector":{}}"#
        ),
        (
            "RoleBinding", #"{"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User"}]}"#,
            #"{"f:roleRef":{},"f:subjects":{}}"#
        ),
    ])
    func holdsTheFieldsOfAnObject(type: String, object: String, expected: String) throws {
        let set = FieldSet(of: try JSON(parsing: object), .structure(Schema.type(type)))
        #expect(set.json.text == expected)
    }

    @Test(arguments: [
        ("Secret", #"{}"#, #"{"data":{"a":"YQ=="}}"#, added: #"{"f:data":{".":{},"f:a":{}}}"#, "{}", "{}"),
        (
            "Secret", #"{"data":{"a":"1","b":"2"}}"#, #"{"data":{"a":"3","c":"4"}}"#, added: #"{"f:data":{"f:c":{}}}"#,
            #"{"f:data":{"f:a":{}}}"#, #"{"f:data":{"f:b":{}}}"#
        ),
        ("Secret", #"{"data":{"a":"1"}}"#, "{}", added: "{}", "{}", #"{"f:data":{".":{},"f:a":{}}}"#),
        ("Secret", #"{"data":{}}"#, #"{"data":{}}"#, added: "{}", "{}", "{}"),
        (
            "Role", #"{"rules":[{"verbs":["a"]}]}"#, #"{"rules":[{"verbs":["b"]}]}"#, added: "{}", #"{"f:rules":{}}"#,
            "{}"
        ),
        (
            "PodSpec", #"{"containers":[{"name":"a","image":"1"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"c"},{"name":"a","image":"2"}]}"#,
            added: #"{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{}}}}"#,
            #"{"f:containers":{"k:{\"name\":\"a\"}":{"f:image":{}}}}"#,
            #"{"f:containers":{"k:{\"name\":\"b\"}":{".":{},"f:name":{}}}}"#
        ),
    ])
    func comparesObjects(
        type: String, old: String, new: String, added: String, modified: String, removed: String
    ) throws {
        let comparison = FieldComparison(
            try JSON(parsing: old), try JSON(parsing: new), .structure(Schema.type(type)))
        #expect(comparison.added.json.text == added)
        #expect(comparison.modified.json.text == modified)
        #expect(comparison.removed.json.text == removed)
    }

    @Test(arguments: [
        (#"[{"name":"a"},{"name":"b"}]"#, #"[{"name":"b","image":"2"},{"name":"c"}]"#, "abc"),
        (#"[{"name":"a"},{"name":"b"},{"name":"c"}]"#, #"[{"name":"c"},{"name":"a"}]"#, "bca"),
        (#"[{"name":"x"},{"name":"a"},{"name":"y"},{"name":"b"}]"#, #"[{"name":"a"},{"name":"b"}]"#, "xayb"),
        ("[]", #"[{"name":"b"},{"name":"a"}]"#, "ba"), (#"[{"name":"b"},{"name":"a"}]"#, "[]", "ba"),
    ])
    func mergesLists(live: String, config: String, names: String) throws {
        let merged = JSON.merged(
            ["containers": try JSON(parsing: live)], ["containers": try JSON(parsing: config)],
            .structure(Schema.type("PodSpec")))
        #expect((merged?["containers"]?.array ?? []).compactMap { $0["name"]?.string }.joined() == names)
    }
}
