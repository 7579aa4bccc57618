import OrderedJSON
import TerraformState
import Testing

@Suite struct StateContentsTests {
    private static let text = #"""
        {"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l",
         "outputs":{"url":{"value":"https://x","type":"string"},"key":{"value":"k","type":"string","sensitive":true}},
         "resources":[
          {"module":"module.net","mode":"managed","type":"a_subnet","name":"s","provider":"p","instances":[
            {"index_key":"x\"y","attributes":{"id":"1","secret":"hush","list":[{"p":"hush"},{"p":"open"}],"none":null},
             "sensitive_attributes":[[{"type":"get_attr","value":"secret"}],
               [{"type":"get_attr","value":"list"},{"type":"index","value":{"value":0,"type":"number"}},
                {"type":"get_attr","value":"p"}],
               [{"type":"get_attr","value":"none"},{"type":"get_attr","value":"z"}]]},
            {"index_key":0,"status":"tainted","attributes":{"id":"2"}}]},
          {"mode":"data","type":"b","name":"d","provider":"p","instances":[{"attributes":{}}]}]}
        """#

    private let state: StateFile

    init() throws { state = try StateFile(Array(Self.text.utf8)) }

    @Test func namesResourcesAsEnginesDo() throws {
        let resources = try state.resources()
        #expect(
            resources.map(\.address) == [#"module.net.a_subnet.s["x\"y"]"#, "module.net.a_subnet.s[0]", "data.b.d"])
        #expect(resources.map(\.isTainted) == [false, true, false])
        #expect(resources.map(\.mode) == ["managed", "managed", "data"])
    }

    /// As Terraform 1.11 writes `input = { a = var.secret, b = 1 }` of a `terraform_data`.
    @Test func hidesWhatIsMarkedInAValueOfOpenType() throws {
        let state = try StateFile(
            Array(
                #"""
                {"version":4,"serial":1,"lineage":"l","resources":[{"type":"t","name":"n","instances":[{"attributes":
                {"input":{"value":{"a":"hush","b":1},"type":["object",{"a":"string","b":"number"}]},
                 "map":{"value":"hush","type":"string"}},
                "sensitive_attributes":[[{"type":"get_attr","value":"input"},{"type":"get_attr","value":"a"}],
                 [{"type":"get_attr","value":"map"},{"type":"get_attr","value":"value"}]]}]}]}
                """#.utf8))
        let attributes = try #require(try state.resources().first).publicAttributes
        #expect(attributes["input"]?["value"] == ["a": StateFile.hidden, "b": 1])
        #expect(!attributes.text.contains("hush"))
    }

    @Test func hidesWhatIsMarked() throws {
        let resource = try #require(try state.resources().first)
        #expect(resource.attributes["secret"] == "hush")
        let hidden = StateFile.hidden
        #expect(
            resource.publicAttributes == [
                "id": "1", "secret": hidden, "list": [["p": hidden], ["p": "open"]], "none": nil,
            ])
    }

    @Test func readsOutputs() throws {
        let outputs = try state.outputs()
        #expect(outputs.map(\.name) == ["url", "key"])
        #expect(outputs.map(\.isSensitive) == [false, true])
        #expect(outputs[0].value == "https://x")
    }
}
