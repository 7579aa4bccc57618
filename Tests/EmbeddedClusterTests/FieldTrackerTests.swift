@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import Testing

/// An object that managers write, one after the other, a second apart.
private struct Written {
    private(set) var object: JSON
    private(set) var owners = ManagedFields()
    private var second: Int64 = 0
    private let type: ObjectType

    init(_ type: ObjectType = Schema.type("ConfigMap")) {
        self.type = type
        object = type.zero
    }

    private var tracker: FieldTracker {
        FieldTracker(.secret, type, now: Timestamp(seconds: 1_800_000_000 + second))
    }

    mutating func update(_ text: String, by manager: String) throws {
        second += 1
        let new = try JSON(parsing: text)
        owners =
            second == 1
            ? tracker.created(new, by: manager) : tracker.tracked(owners, from: object, to: new, by: manager)
        object = new
    }

    mutating func apply(_ text: String, by manager: String, isForced: Bool = false) throws {
        second += 1
        let applied = try tracker.applied(owners, object, try JSON(parsing: text), by: manager, isForced: isForced)
        var reader = ObjectReader()
        object = try reader.read(applied.object, as: type)
        owners = applied.owners
    }

    mutating func forgetOwners() { owners = ManagedFields() }

    /// Manager, operation, fields.
    var lines: [String] {
        (owners.json?.array ?? []).map {
            "\($0["manager"]?.string ?? "") \($0["operation"]?.string ?? "") \($0["fieldsV1"]?.text ?? "")"
        }
    }

    func time(of manager: String) -> String? {
        owners.json?.array?.first { $0["manager"]?.string == manager }?["time"]?.string
    }
}

@Suite struct FieldTrackerTests {
    @Test func whoWritesAFieldOwnsItAlone() throws {
        var written = Written()
        try written.update(#"{"metadata":{"name":"a"},"data":{"a":"1","b":"1"},"immutable":true}"#, by: "one")
        try written.update(#"{"metadata":{"name":"a"},"data":{"a":"2","b":"1"},"immutable":true}"#, by: "two")
        #expect(
            written.lines == [
                #"one Update {"f:data":{".":{},"f:b":{}},"f:immutable":{}}"#, #"two Update {"f:data":{"f:a":{}}}"#,
            ])
        try written.update(#"{"metadata":{"name":"a"},"data":{"b":"1"},"immutable":true}"#, by: "three")
        #expect(written.lines == [#"one Update {"f:data":{".":{},"f:b":{}},"f:immutable":{}}"#])
        let time = written.time(of: "one")
        try written.update(#"{"metadata":{"name":"a"},"data":{"b":"1"},"immutable":true}"#, by: "one")
        #expect(written.time(of: "one") == time)
        try written.update(#"{"metadata":{"name":"a"},"data":{"b":"3"},"immutable":true}"#, by: "one")
        #expect(written.time(of: "one") != time)
    }

    @Test func tenUpdatersAreToldApart() throws {
        var written = Written()
        var data: [String] = []
        for number in 10..<23 {
            data.append(#""k\#(number)":"1""#)
            try written.update(#"{"metadata":{},"data":{\#(data.joined(separator: ","))}}"#, by: "m\(number)")
        }
        #expect(written.lines.count == 10)
        #expect(
            written.lines[0]
                == #"ancient-changes Update {"f:data":{".":{},"f:k10":{},"f:k11":{},"f:k12":{},"f:k13":{}}}"#)
        #expect(written.lines[9] == #"m22 Update {"f:data":{"f:k22":{}}}"#)
    }

    @Test func anApplyOwnsWhatItSays() throws {
        var written = Written()
        try written.apply(#"{"metadata":{"name":"a","labels":{"x":"y"}},"data":{"a":"1","b":"1"}}"#, by: "one")
        #expect(
            written.lines == [
                #"one Apply {"f:data":{"f:a":{},"f:b":{}},"f:metadata":{"f:labels":{"f:x":{}}}}"#
            ])
        let time = written.time(of: "one")
        try written.apply(#"{"metadata":{"name":"a","labels":{"x":"y"}},"data":{"a":"1","b":"1"}}"#, by: "one")
        #expect(written.time(of: "one") == time)

        // What it does not say any more goes, unless somebody else says it.
        try written.apply(#"{"metadata":{"name":"a"},"data":{"b":"1","c":"1"}}"#, by: "two")
        try written.apply(#"{"metadata":{"name":"a"},"data":{}}"#, by: "one")
        #expect(written.object.text == #"{"metadata":{"name":"a"},"data":{"b":"1","c":"1"}}"#)
        #expect(
            written.lines == [
                #"two Apply {"f:data":{"f:b":{},"f:c":{}}}"#, #"one Apply {"f:data":{}}"#,
            ])
        try written.apply(#"{"metadata":{"name":"a"}}"#, by: "two")
        #expect(written.object["data"] == nil)
    }

    @Test func whatOthersOwnIsAConflict() throws {
        var written = Written()
        try written.update(
            #"{"metadata":{"name":"a"},"data":{"a":"1","b":"1","c":"1"},"immutable":true}"#, by: "creator")
        try written.apply(#"{"metadata":{"name":"a"},"data":{"a":"1"}}"#, by: "one")
        let before = (written.object, written.owners)
        let error = #expect(throws: FieldConflicts.self) {
            try written.apply(#"{"metadata":{"name":"a"},"data":{"a":"2","b":"2"}}"#, by: "two")
        }
        #expect((written.object, written.owners) == before)
        let status = Status(try #require(error))
        #expect(
            status.message
                == """
                Apply failed with 3 conflicts: conflicts with "creator" using v1:
                - .data.a
                - .data.b
                conflicts with "one":
                - .data.a
                """)
        #expect(
            status.details?.causes.map { "\($0.message) \($0.field ?? "")" } == [
                #"conflict with "creator" using v1 .data.a"#, #"conflict with "creator" using v1 .data.b"#,
                #"conflict with "one" .data.a"#,
            ])
        #expect(status.details?.causes.first?.reason == "FieldManagerConflict")

        try written.apply(#"{"metadata":{"name":"a"},"data":{"a":"2","b":"2"}}"#, by: "two", isForced: true)
        #expect(written.object["data"]?.text == #"{"a":"2","b":"2","c":"1"}"#)
        #expect(
            written.lines == [
                #"two Apply {"f:data":{"f:a":{},"f:b":{}}}"#,
                #"creator Update {"f:data":{".":{},"f:c":{}},"f:immutable":{}}"#,
            ])
    }

    @Test func whatWasThereBeforeTheFirstApplyIsNobodysWhim() throws {
        var written = Written()
        try written.update(#"{"metadata":{"name":"a"},"data":{"a":"1"}}"#, by: "creator")
        written.forgetOwners()
        try written.update(#"{"metadata":{"name":"a"},"data":{"a":"1","b":"1"}}"#, by: "other")
        #expect(written.lines.isEmpty)
        #expect(throws: FieldConflicts.self) {
            try written.apply(#"{"metadata":{"name":"a"},"data":{"a":"2"}}"#, by: "one")
        }
        try written.apply(#"{"metadata":{"name":"a"},"data":{"a":"1"}}"#, by: "one")
        #expect(
            written.lines == [
                #"one Apply {"f:data":{"f:a":{}}}"#,
                #"before-first-apply Update {"f:data":{".":{},"f:a":{},"f:b":{}}}"#,
            ])
    }

    @Test func elementsOfListsHaveOwnersOfTheirOwn() throws {
        var written = Written(Schema.type("Pod"))
        try written.apply(
            #"{"metadata":{"name":"a"},"spec":{"containers":[{"name":"x","image":"1"}]}}"#, by: "one")
        try written.apply(
            #"{"metadata":{"name":"a"},"spec":{"containers":[{"name":"y","image":"1","args":["a"]}]}}"#, by: "two")
        #expect(
            (written.object["spec"]?["containers"]?.array ?? []).compactMap { $0["name"]?.string } == ["x", "y"])
        try written.apply(#"{"metadata":{"name":"a"},"spec":{"containers":[]}}"#, by: "one")
        #expect((written.object["spec"]?["containers"]?.array ?? []).compactMap { $0["name"]?.string } == ["y"])
        #expect(
            written.lines.first
                == #"two Apply {"f:spec":{"f:containers":{"k:{\"name\":\"y\"}":{".":{},"f:args":{},"f:image":{},"f:name":{}}}}}"#
        )
    }

    @Test(arguments: [
        ("Secret", #"{"foo":1}"#, ".foo: field not declared in schema"),
        ("Secret", #"{"data":{"a":1}}"#, ".data.a: expected string, got &value.valueUnstructured{Value:1}"),
        ("Secret", #"{"data":[]}"#, ".data: expected map, got &value.valueUnstructured{Value:[]interface {}{}}"),
        ("Secret", #"{"immutable":"x"}"#, #".immutable: expected boolean, got &value.valueUnstructured{Value:"x"}"#),
        (
            "Secret", #"{"metadata":{"finalizers":["a","a"]}}"#,
            #".metadata.finalizers: duplicate entries for key [="a"]"#
        ),
        (
            "Pod", #"{"spec":{"containers":[{"image":"a"}]}}"#,
            ".spec.containers: element 0: associative list with keys has an element that omits key field \"name\" "
                + "(and doesn't have default value)"
        ),
        (
            "Pod", #"{"spec":{"containers":[{"name":"a","nope":1,"stdin":2}]}}"#,
            "errors:\n  .spec.containers[name=\"a\"].nope: field not declared in schema\n"
                + "  .spec.containers[name=\"a\"].stdin: expected boolean, got &value.valueUnstructured{Value:2}"
        ),
    ])
    func whatIsNotOfTheTypesIsSaid(type: String, config: String, message: String) throws {
        #expect(FieldSchemaCheck(try JSON(parsing: config), Schema.type(type)).text == message)
    }
}
