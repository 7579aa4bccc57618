@testable import EmbeddedCluster
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

/// Bodies in which very much is wrong.
@Suite(.timeLimit(.minutes(20))) struct HostileSizeTests {
    private static func members(_ count: Int, _ member: (Int) -> String) -> String {
        (0..<count).map(member).joined(separator: ",")
    }

    @Test func ofTenThousandErrorsAHundredAreTold() async throws {
        let labels = Self.members(10_000) { "\"-\($0)\":\"-\"" }
        try await withTestCluster { cluster in
            let body = #"{"metadata":{"name":"a","labels":{\#(labels)}}}"#
            let answer = try await cluster.send("POST", secrets, body: Array(body.utf8))
            #expect(answer.status == 422)
            #expect(answer.body.count < 200_000)
            let status = try answer.json
            #expect(status["details"]?["causes"]?.array?.count == 100)
            #expect(status["message"]?.string?.hasSuffix(", and 19900 more]") == true)
            #expect(try await cluster.goesOn())
        }
    }

    @Test(arguments: ["x", String(repeating: "long", count: 200)])
    func ofThousandsOfWarningsAFewAreTold(name: String) async throws {
        let fields = Self.members(3000) { "\"\(name)\($0)\":1" }
        try await withTestCluster { cluster in
            let body = Array(#"{"metadata":{"name":"a"},\#(fields)}"#.utf8)
            let answer = try await cluster.send("POST", secrets, body: body)
            #expect(answer.status == 201)
            let warnings = answer.headers.filter { $0.0.lowercased() == "warning" }.map(\.1)
            #expect(warnings.count <= 100)
            #expect(warnings.reduce(0) { $0 + $1.count } < 8192)
            let strict = try await cluster.send("POST", "\(secrets)?fieldValidation=Strict", body: body)
            #expect(strict.status == 400)
            #expect(strict.body.count < 200_000)
        }
    }

    @Test func warningsAreToldOnceAndCutShortTogether() {
        #expect(Warnings.told(["a", "b", "a"]) == ["a", "b"])
        let one = String(repeating: "x", count: 4000)
        #expect(Warnings.told([one]) == [one])
        let several = Warnings.told((0..<100).map { "\($0)\(one)" })
        #expect(several.count == 15)
        #expect(several.allSatisfy { $0.count == 259 })
    }

    @Test func listsAndMapsOfThousandsAreRead() async throws {
        let keys = Self.members(20_000) { "\"k\($0)\":\"\"" }
        let finalizers = Self.members(20_000) { _ in "\"a.b/c\"" }
        try await withTestCluster { cluster in
            for (name, rest) in [
                ("labels", #","labels":{\#(keys)}}"#), ("data", #"},"data":{\#(keys)}"#),
                ("finalizers", #","finalizers":[\#(finalizers)]}"#),
            ] {
                let body = #"{"metadata":{"name":"\#(name)"\#(rest)}"#
                let created = try await cluster.send("POST", secrets, body: Array(body.utf8))
                #expect(created.status == 201, "\(name)")
                #expect(try await cluster.send("GET", "\(secrets)/\(name)").body == created.body)
            }
        }
    }
}
