@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import Testing

@Suite struct StrategicMergePatchTests {
    typealias Failure = StrategicMergePatch.Failure

    private func merged(_ type: String, _ original: String, _ patch: String) throws -> JSON {
        JSON.object(
            try StrategicMergePatch.merged(
                try JSON(parsing: original).object ?? [:], try JSON(parsing: patch).object ?? [:],
                FieldType.object(Schema.type(type))))
    }

    @Test(arguments: [
        // Maps.
        (
            "Secret", #"{"data":{"a":"YQ==","b":"Yg=="}}"#, #"{"data":{"a":null,"c":"Yw=="}}"#,
            #"{"data":{"b":"Yg==","c":"Yw=="}}"#
        ),
        ("Secret", #"{"data":{"a":"YQ=="}}"#, #"{"data":{"$patch":"replace","c":"Yw=="}}"#, #"{"data":{"c":"Yw=="}}"#),
        ("Secret", #"{"data":{"a":"YQ=="}}"#, #"{"data":{"$patch":"delete"}}"#, #"{"data":{}}"#),
        ("Secret", #"{}"#, #"{"data":{"a":null,"b":"Yg=="}}"#, #"{"data":{"b":"Yg=="}}"#),
        ("Secret", #"{"data":{"a":"YQ=="}}"#, #"{"data":null}"#, "{}"),
        // Sets.
        ("ObjectMeta", #"{"finalizers":["a","b"]}"#, #"{"finalizers":["c","a"]}"#, #"{"finalizers":["c","a","b"]}"#),
        (
            "ObjectMeta", #"{"finalizers":["a","b"]}"#, #"{"$deleteFromPrimitiveList/finalizers":["a"]}"#,
            #"{"finalizers":["b"]}"#
        ),
        (
            "ObjectMeta", #"{"finalizers":["a","b"]}"#,
            #"{"$setElementOrder/finalizers":["b","c"],"finalizers":["c"],"$deleteFromPrimitiveList/finalizers":["a"]}"#,
            #"{"finalizers":["b","c"]}"#
        ),
        ("ObjectMeta", "{}", #"{"$deleteFromPrimitiveList/finalizers":["a"]}"#, "{}"),
        // Lists by a member.
        (
            "PodSpec", #"{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}"#,
            #"{"containers":[{"name":"b","image":"2"},{"name":"c"}]}"#,
            #"{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c"}]}"#
        ),
        (
            "PodSpec", #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"a","$patch":"delete"}]}"#,
            #"{"containers":[{"name":"b"}]}"#
        ),
        (
            "PodSpec", #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"c"},{"$patch":"replace"}]}"#, #"{"containers":[{"name":"c"}]}"#
        ),
        (
            "PodSpec", #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}"#,
            #"{"containers":[{"name":"b"},{"name":"a"}]}"#
        ),
        (
            "PodSpec", #"{"containers":[{"name":"x"},{"name":"a"},{"name":"y"},{"name":"b"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"2"}]}"#,
            #"{"containers":[{"name":"x"},{"name":"y"},{"name":"b","image":"2"},{"name":"a"}]}"#
        ),
        (
            "PodSpec", #"{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}"#,
            #"{"containers":[{"name":"a","env":[{"name":"Y","value":"2"},{"name":"X","value":null}]}]}"#,
            #"{"containers":[{"name":"a","env":[{"name":"Y","value":"2"},{"name":"X"}]}]}"#
        ),
        (
            "PodSpec", "{}", #"{"containers":[{"name":"a","$patch":"delete"},{"name":"b","image":null}]}"#,
            #"{"containers":[{"name":"b"}]}"#
        ),
        (
            "PodSpec", #"{"volumes":[{"name":"v","emptyDir":{}}]}"#,
            #"{"volumes":[{"name":"v","$retainKeys":["name","secret"],"secret":{"secretName":"s"}}]}"#,
            #"{"volumes":[{"name":"v","secret":{"secretName":"s"}}]}"#
        ),
        // Lists that are replaced.
        (
            "Role", #"{"rules":[{"verbs":["get"]}]}"#, #"{"rules":[{"verbs":["list"]}]}"#,
            #"{"rules":[{"verbs":["list"]}]}"#
        ),
        ("Container", #"{"args":["a"]}"#, #"{"args":["b"]}"#, #"{"args":["b"]}"#),
        // What the kind does not have stays, so that the reading after it can tell.
        ("Secret", "{}", #"{"nope":{"a":1}}"#, #"{"nope":{"a":1}}"#),
    ])
    func merges(type: String, original: String, patch: String, result: String) throws {
        #expect(try merged(type, original, patch).text == result)
    }

    @Test(arguments: [
        (
            "Secret", #"{"data":{"$patch":"merge"}}"#,
            Failure.other("unknown patch type: merge in map: map[$patch:merge]")
        ),
        ("ObjectMeta", #"{"$deleteFromPrimitiveList":["a"]}"#, .badFormat("invalid patch format of primitive list")),
        ("ObjectMeta", #"{"$setElementOrder":["a"]}"#, .badFormat("invalid patch format of setElementOrder list")),
        ("ObjectMeta", #"{"$retainKeys":["a"],"name":"x"}"#, .badFormat("invalid patch format of retainKeys")),
        (
            "PodSpec", #"{"containers":[{"image":"x"}]}"#,
            .other("map: map[image:x] does not contain declared merge key: name")
        ),
        ("PodSpec", #"{"containers":[[]]}"#, .unprocessable),
    ])
    func refuses(type: String, patch: String, failure: Failure) {
        #expect(throws: failure) {
            try merged(type, #"{"data":{"a":"b"},"finalizers":["x"],"containers":[{"name":"a"}]}"#, patch)
        }
    }
}
