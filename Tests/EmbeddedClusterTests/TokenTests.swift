@testable internal import EmbeddedCluster
internal import GRDB
internal import KubernetesAPI
internal import OrderedJSON
internal import TestScopes
internal import Testing

private let accounts = "/api/v1/namespaces/default/serviceaccounts"
private let reviews = "/apis/authentication.k8s.io/v1/tokenreviews"

struct TokenTests {
    private static func request(_ spec: JSON, dryRun: Bool = false, on cluster: TestCluster) async throws
        -> TestCluster.Answer
    {
        try await cluster.send(
            "POST", "\(accounts)/default/token\(dryRun ? "?dryRun=All" : "")", ["spec": spec])
    }

    private static func review(_ token: String, _ audiences: JSON = [], on cluster: TestCluster) async throws -> JSON {
        let spec: JSON = ["token": .string(token), "audiences": audiences]
        return try await cluster.send("POST", reviews, ["spec": spec]).json["status"] ?? [:]
    }

    @Test func aBoundTokenEndsWithItsObject() async throws {
        try await withTestCluster { cluster in
            let secrets = "/api/v1/namespaces/default/secrets"
            #expect(try await cluster.send("POST", secrets, ["metadata": ["name": "s"]]).status == 201)
            let reference: JSON = ["kind": "Secret", "apiVersion": "v1", "name": "s"]
            let answer = try await Self.request(["boundObjectRef": reference], on: cluster)
            #expect(answer.status == 201)
            #expect(try answer.json["spec"]?["boundObjectRef"] == reference)
            let token = try answer.json["status"]?["token"]?.string ?? ""
            #expect(try await cluster.send("GET", "/api", as: .token(token)).status == 200)
            #expect(try await cluster.send("DELETE", "\(secrets)/s").status == 200)
            #expect(try await cluster.send("GET", "/api", as: .token(token)).status == 401)
            #expect(try await cluster.send("POST", secrets, ["metadata": ["name": "s"]]).status == 201)
            #expect(try await cluster.send("GET", "/api", as: .token(token)).status == 401)
            let status = try await Self.review(token, on: cluster)
            #expect(status["error"] == "[invalid bearer token, service account token has been invalidated]")
        }
    }

    @Test func whatATokenIsBoundToIsThere() async throws {
        try await withTestCluster { cluster in
            for (reference, status, message) in [
                (["kind": "Secret", "apiVersion": "v1", "name": "nope"], 404, "secrets \"nope\" not found"),
                (
                    ["kind": "ConfigMap", "apiVersion": "v1", "name": "x"], 400,
                    "cannot bind token to object of type /v1, Kind=ConfigMap"
                ),
            ] as [(JSON, Int, String)] {
                let answer = try await Self.request(["boundObjectRef": reference], on: cluster)
                #expect(answer.status == status)
                #expect(try answer.json["message"]?.string == message)
            }
            for (seconds, message) in [
                (599, "may not specify a duration less than 10 minutes"),
                (4_294_967_297, "may not specify a duration larger than 2^32 seconds"),
            ] {
                let answer = try await Self.request(
                    ["expirationSeconds": .number(JSONNumber(seconds))], on: cluster)
                #expect(answer.status == 422)
                #expect(
                    try answer.json["message"]?.string
                        == "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: "
                        + "\(seconds): \(message)")
            }
        }
    }

    @Test func aTokenIsGoodForItsAudiences() async throws {
        try await withTestCluster { cluster in
            let answer = try await Self.request(["audiences": ["vault", "nomad"]], on: cluster).json
            let token = answer["status"]?["token"]?.string ?? ""
            #expect(try await cluster.send("GET", "/api", as: .token(token)).status == 401)
            let own = try await Self.review(token, on: cluster)
            #expect(own["authenticated"] == nil)
            #expect(
                own["error"]
                    == #"[invalid bearer token, token audiences ["vault" "nomad"] is invalid for the target audiences ["https://kubernetes.default.svc"]]"#
            )
            let vault = try await Self.review(token, ["vault", "x"], on: cluster)
            #expect(vault["authenticated"] == true)
            #expect(vault["audiences"] == ["vault"])
            #expect(vault["user"]?["username"] == "system:serviceaccount:default:default")
            #expect(try await Self.review("nonsense", on: cluster) == ["user": [:], "error": "invalid bearer token"])
        }
    }

    @Test func anExpiredTokenIsSaidToBe() async throws {
        let hand = HandClock()
        try await withTestCluster(clock: hand.clock) { cluster in
            let answer = try await Self.request(["expirationSeconds": 600], on: cluster).json
            let token = answer["status"]?["token"]?.string ?? ""
            hand.advance(.seconds(599))
            #expect(try await Self.review(token, on: cluster)["authenticated"] == true)
            hand.advance(.seconds(1))
            #expect(try await cluster.send("GET", "/api", as: .token(token)).status == 401)
            #expect(
                try await Self.review(token, on: cluster)["error"]
                    == "[invalid bearer token, service account token has expired]")
        }
    }

    @Test func aTrialMakesNoToken() async throws {
        try await withTestCluster { cluster in
            let answer = try await Self.request([:], dryRun: true, on: cluster)
            #expect(answer.status == 201)
            #expect(try answer.json["status"]?["token"] == "")
            #expect(try answer.json["spec"]?["expirationSeconds"] == 3600)
        }
    }

    @Test func onlyOneBearerTokenIsACredential() async throws {
        try await withTestCluster { cluster in
            let token = try await cluster.token("default", "default")
            for (header, status) in [
                ("Bearer \(token)", 200), ("bearer \(token)", 200), ("BEARER   \(token)", 200),
                ("Basic YWRtaW46YWRtaW4=", 401), (token, 401), ("Bearer", 401), ("Bearer \(token) \(token)", 401),
                ("Bearer \(token), Bearer \(cluster.administratorToken)", 401), ("Bearer \(token.dropLast())", 401),
            ] {
                let answer = try await cluster.send(
                    "GET", "/api", as: .anonymous, headers: ["Authorization": header])
                #expect(answer.status == status, "\(header.prefix(12))")
            }
        }
    }

    @Test func noTokenIsKeptAsItIs() async throws {
        try await withTestStore { store in
            let token = try await Authenticator(store: store).issueAdministratorToken()
            #expect(try await store.token(hash: Array(token.utf8)) == nil)
            let kept = try #require(try await store.token(hash: Authenticator.hash(token)))
            #expect(kept.hash.count == 32)
            let finding = try await Authenticator(store: store).find(token: token)
            #expect(finding == .user(.administrator, audiences: [Authenticator.audience]))
        }
    }

    @Test func tokensOfAnOlderStoreAreGood() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            let older = try await Store.open(path)
            let token = try await Authenticator(store: older).issueAdministratorToken()
            try await older.pool.writeWithoutTransaction { database in
                for column in ["audiences", "bound_resource", "bound_name", "bound_uid"] {
                    try database.execute(sql: "ALTER TABLE token DROP COLUMN \(column)")
                }
                try database.execute(sql: "DROP TABLE owner; DROP TABLE ending; PRAGMA user_version = 1")
            }
            try older.close()
            let store = try await Store.open(path)
            let finding = try await Authenticator(store: store).find(token: token)
            #expect(finding == .user(.administrator, audiences: [Authenticator.audience]))
            try store.close()
        }
    }
}
