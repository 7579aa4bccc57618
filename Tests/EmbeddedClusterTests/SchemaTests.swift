internal import OrderedJSON
internal import Testing

@testable internal import EmbeddedCluster

/// The texts that say which types the API has.
struct SchemaTests {
    @Test func textsAreRead() throws {
        let text = try SchemaText(Schema.texts)
        #expect(Set(["Secret", "Lease", "Job", "PodSpec", "TokenReview"]).isSubset(of: text.names))
        for name in text.names { #expect(Schema.type(name).package.hasPrefix("io.k8s.")) }
    }

    @Test func aFieldHasItsNumberAlone() throws {
        for (name, type) in try SchemaText(Schema.texts).all {
            #expect(Set(type.fields.map(\.path)).count == type.fields.count, "\(name)")
        }
    }

    @Test func zerosAreThoseOfGo() {
        #expect(
            Schema.type("RoleBinding").zero.text == #"{"metadata":{},"roleRef":{"apiGroup":"","kind":"","name":""}}"#)
        #expect(
            Schema.type("TokenRequestSpec").zero.text
                == #"{"audiences":null,"expirationSeconds":null,"boundObjectRef":null}"#)
        #expect(Schema.type("PolicyRule").zero.text == #"{"verbs":null}"#)
    }

    @Test func aTextThatIsNoneIsRefused() {
        for text in ["  1 field string", "A\n  1 x Unknown", "A\nA", "A\n  x y string", "A\n  1 y string nonsense"] {
            #expect(throws: SchemaText.Failure.self) { try SchemaText([text]) }
        }
    }
}
