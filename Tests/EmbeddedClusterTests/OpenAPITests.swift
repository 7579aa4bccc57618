@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

@Suite struct OpenAPITests {
    private let secret = "io.k8s.api.core.v1.Secret"

    private func document(_ path: String, _ cluster: TestCluster) async throws -> JSON {
        let index = try await cluster.send("GET", "/openapi/v3")
        #expect(index.header("Content-Type") == "text/plain; charset=utf-8")
        let url = try #require(try index.json["paths"]?[path]?["serverRelativeURL"]?.string)
        let answer = try await cluster.send("GET", url, headers: ["Accept": "application/json"])
        #expect(answer.status == 200)
        #expect(answer.header("Cache-Control") == "public, immutable")
        let tag = try #require(answer.header("ETag"))
        #expect(url == "/openapi/v3/\(path)?hash=\(tag.filter { $0 != "\"" })")
        let again = try await cluster.send("GET", url, headers: ["If-None-Match": tag])
        #expect(again.status == 304)
        #expect(again.body.isEmpty)
        return try answer.json
    }

    @Test func aSecretIsExplained() async throws {
        try await withTestCluster { cluster in
            let document = try await document("api/v1", cluster)
            #expect(document["openapi"] == "3.0.0")
            let schema = try #require(document["components"]?["schemas"]?[secret])
            #expect(
                schema["x-kubernetes-group-version-kind"] == [["group": "", "kind": "Secret", "version": "v1"]])
            let data = try #require(schema["properties"]?["data"])
            #expect(data["type"] == "object")
            #expect(data["additionalProperties"] == ["type": "string", "format": "byte"])
            #expect(data["description"]?.string?.contains("base64") == true)
            let metadata = try #require(schema["properties"]?["metadata"])
            #expect(
                metadata["allOf"]
                    == [["$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]])
            let update = document["paths"]?["/api/v1/namespaces/{namespace}/secrets/{name}"]?["put"]
            #expect(update?["x-kubernetes-group-version-kind"]?["kind"] == "Secret")
            #expect((update?["parameters"]?.array ?? []).contains { $0["name"] == "fieldValidation" })
        }
    }

    /// No reference leads nowhere, and no operation has the name of another.
    @Test func documentsAreWholeInThemselves() async throws {
        try await withTestCluster { cluster in
            let paths = try await cluster.send("GET", "/openapi/v3").json["paths"]?.object?.keys ?? []
            #expect(paths.contains("apis/coordination.k8s.io/v1"))
            for path in paths {
                let document = try await document(path, cluster)
                let schemas = Set(document["components"]?["schemas"]?.object?.keys ?? [])
                let references = members("$ref", of: document).compactMap(\.string)
                #expect(!references.isEmpty)
                for reference in references {
                    #expect(
                        schemas.contains(String(reference.dropFirst("#/components/schemas/".count))), "\(reference)")
                }
                let operations = members("operationId", of: document).compactMap(\.string)
                #expect(Set(operations).count == operations.count, "\(path)")
            }
        }
    }

    @Test func aWrongHashLeadsToTheRightOne() async throws {
        try await withTestCluster { cluster in
            let index = try await cluster.send("GET", "/openapi/v3").json
            let url = index["paths"]?["api/v1"]?["serverRelativeURL"]?.string ?? ""
            let answer = try await cluster.send("GET", "/openapi/v3/api/v1?hash=1")
            // The client follows.
            #expect(answer.status == 200)
            #expect(answer.body == (try await cluster.send("GET", url).body))
            #expect(try await cluster.send("GET", "/openapi/v3/api/v7").status == 404)
            let refused = try await cluster.send("GET", url, headers: ["Accept": "application/xml"])
            #expect(refused.status == 406)
        }
    }

    /// kubectl up to 1.28 reads Swagger 2.0, and only as protobuf.
    @Test func olderClientsGetSwagger() async throws {
        try await withTestCluster { cluster in
            let json = try await cluster.send("GET", "/openapi/v2").json
            #expect(json["swagger"] == "2.0")
            let definitions = Set(json["definitions"]?.object?.keys ?? [])
            for reference in members("$ref", of: json).compactMap(\.string) {
                #expect(definitions.contains(String(reference.dropFirst("#/definitions/".count))), "\(reference)")
            }
            let answer = try await cluster.send(
                "GET", "/openapi/v2", headers: ["Accept": SwaggerDocument.olderProtobufMediaType])
            #expect(answer.header("Content-Type") == SwaggerDocument.protobufMediaType)
            var document = ProtobufReader(answer.body[...])
            #expect(try document.tag(in: "Document")?.number == 1)
            #expect(try document.content().elementsEqual("2.0".utf8))
        }
    }

    /// What people are most likely to ask `kubectl explain` for has an explanation, whole.
    @Test func typesAreDescribed() throws {
        for name in [
            "ObjectMeta", "Namespace", "Secret", "ConfigMap", "ServiceAccount", "Event", "Lease", "LeaseSpec", "Role",
            "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PolicyRule", "Job", "JobSpec", "JobStatus", "PodSpec",
            "PodStatus", "Container", "ContainerStatus", "EnvVar", "TokenRequest", "TokenRequestSpec",
            "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview", "TokenReview",
            "SelfSubjectReview",
        ] {
            let type = Schema.type(name)
            #expect(!type.description.isEmpty, "\(name)")
            for field in type.fields { #expect(!field.description.isEmpty, "\(name).\(field.name)") }
        }
    }

    private func members(_ name: String, of json: JSON) -> [JSON] {
        switch json {
        case .array(let elements): return elements.flatMap { members(name, of: $0) }
        case .object(let object):
            return object.flatMap { key, value in (key == name ? [value] : []) + members(name, of: value) }
        default: return []
        }
    }
}
