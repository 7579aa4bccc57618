@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"
private let protobuf = "application/vnd.kubernetes.protobuf"
private let metadata = "as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

@Suite struct NegotiationTests {
    @Test(
        arguments: [
            (nil, "application/json"), ("", "application/json"), ("*/*", "application/json"),
            ("application/json, */*", "application/json"), ("application/*", "application/json"),
            ("application/yaml", "application/yaml"), ("text/html, application/yaml", "application/yaml"),
            ("\(protobuf),application/json", protobuf),
            ("application/json;q=0.5, \(protobuf);q=0.9", protobuf),
            ("*/*, application/yaml", "application/yaml"),
            ("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/yaml", "application/yaml"),
            ("application/json;sv=v1,application/yaml;q=0.1", "application/yaml"),
        ] as [(String?, String)])
    func theBestOfWhatIsAcceptedIsGiven(accept: String?, mediaType: String) throws {
        #expect(try AcceptedAnswer(accept, for: .object).mediaType.rawValue == mediaType)
    }

    @Test func tablesAreNeverProtobuf() throws {
        let table = "as=Table;v=v1;g=meta.k8s.io"
        let accepted = try AcceptedAnswer("\(protobuf);\(table),application/json;\(table)", for: .list)
        #expect(accepted.form == .table)
        #expect(accepted.mediaType == .json)
        #expect(try AcceptedAnswer("\(protobuf);\(metadata)", for: .object).form == .metadata)
        #expect(throws: Status.self) { try AcceptedAnswer("\(protobuf);\(table)", for: .list) }
    }

    @Test func whatNobodyCanGiveIsRefusedBeforeAnythingIsDone() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", secrets, headers: ["Accept": "text/html"], ["metadata": ["name": "a"]])
            #expect(answer.status == 406)
            #expect(answer.text.hasPrefix("{\n  \"kind\": \"Status\""))
            #expect(try answer.json["reason"] == "NotAcceptable")
            #expect(
                try answer.json["message"]?.string
                    == "only the following media types are accepted: application/json, application/yaml, \(protobuf)"
            )
            #expect(try await cluster.send("GET", "\(secrets)/a").status == 404)
        }
    }

    @Test func aSecretIsMadeAndReadInEveryMediaType() async throws {
        try await withTestCluster { cluster in
            let secret: JSON = ["metadata": ["name": "a"], "data": ["k": "dg=="], "type": "Opaque"]
            let type = Schema.type("Secret")
            let body = ProtobufDocument(
                apiVersion: "v1", kind: "Secret", message: ProtobufEncoder.message(secret, type))
            let made = try await cluster.send(
                "POST", secrets, headers: ["Content-Type": protobuf, "Accept": "\(protobuf),application/json"],
                body: body.bytes)
            #expect(made.status == 201)
            #expect(made.header("Content-Type") == protobuf)
            let document = try ProtobufDocument(parsing: made.body)
            let object = try ProtobufDecoder.object(document.message[...], type)
            #expect(object["metadata"]?["name"] == "a")
            #expect(object["data"] == ["k": "dg=="])

            let yaml = try await cluster.send("GET", "\(secrets)/a", headers: ["Accept": "application/yaml"])
            #expect(yaml.header("Content-Type") == "application/yaml")
            #expect(yaml.text.hasPrefix("apiVersion: v1\ndata:\n  k: dg==\nkind: Secret\nmetadata:\n"))
            let changed = yaml.text.replacing("dg==", with: "dw==")
            let updated = try await cluster.send(
                "PUT", "\(secrets)/a", headers: ["Content-Type": "application/yaml"], body: Array(changed.utf8))
            #expect(updated.status == 200)
            #expect(try updated.json["data"] == ["k": "dw=="])

            let list = try await cluster.send("GET", secrets, headers: ["Accept": protobuf])
            let listed = try ProtobufDocument(parsing: list.body)
            #expect(listed.kind == "SecretList")
            let pretty = try await cluster.send("GET", "\(secrets)/a?pretty=true")
            let indented = try updated.json.prettyText.dropLast()
            #expect(pretty.text == String(indented))
            let forPeople = try await cluster.send("GET", "\(secrets)/a", headers: ["User-Agent": "curl/8.5.0"])
            #expect(forPeople.text == pretty.text)
            let asked = try await cluster.send(
                "GET", "\(secrets)/a?pretty=false", headers: ["User-Agent": "curl/8.5.0"])
            #expect(asked.text == updated.text)
        }
    }

    @Test func failuresAreAnsweredInTheAcceptedType() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("GET", "\(secrets)/a", headers: ["Accept": protobuf])
            #expect(answer.status == 404)
            let document = try ProtobufDocument(parsing: answer.body)
            #expect(document.kind == "Status")
            let status = try ProtobufDecoder.object(document.message[...], Schema.type("Status"))
            #expect(status["message"] == #"secrets "a" not found"#)
            let yaml = try await cluster.send("GET", "\(secrets)/a", headers: ["Accept": "application/yaml"])
            #expect(yaml.text.contains("\nmessage: secrets \"a\" not found\n"))
        }
    }

    @Test func whoeverWritesMayAskForTheMetadataAlone() async throws {
        try await withTestCluster { cluster in
            for mediaType in ["application/json", protobuf] {
                let headers = ["Accept": "\(mediaType);\(metadata)"]
                let answer = try await cluster.send(
                    "POST", secrets, headers: headers, ["metadata": ["generateName": "a-"], "data": ["k": "dg=="]])
                #expect(answer.status == 201)
                if mediaType == protobuf {
                    #expect(try ProtobufDocument(parsing: answer.body).kind == "PartialObjectMetadata")
                } else {
                    #expect(try answer.json["kind"] == "PartialObjectMetadata")
                    #expect(try answer.json["data"] == nil)
                }
            }
            let list = try await cluster.send(
                "GET", secrets, headers: ["Accept": "\(protobuf);as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"])
            #expect(try ProtobufDocument(parsing: list.body).kind == "PartialObjectMetadataList")
        }
    }

    @Test func protobufThatIsNoneIsRefusedInKubernetesWords() async throws {
        try await withTestCluster { cluster in
            func message(_ body: [UInt8]) async throws -> String? {
                let answer = try await cluster.send("POST", secrets, headers: ["Content-Type": protobuf], body: body)
                #expect(answer.status == 400)
                return try answer.json["message"]?.string
            }
            let json = try await message(Array("{}".utf8))
            #expect(
                json
                    == "the object provided is unrecognized (must be of type Secret): provided data does not appear to "
                    + "be a protobuf message, expected prefix [107 56 115 0] ({})")
            let other = ProtobufDocument(apiVersion: "v1", kind: "Pod", message: [0xFF])
            let ofAnother = try await message(other.bytes)
            #expect(
                ofAnother
                    == "Pod in version \"v1\" cannot be handled as a Secret: converting (v1.Pod) to (core.Secret): "
                    + "unknown conversion")
            let cut = ProtobufDocument(apiVersion: "v1", kind: "Secret", message: [0x0A, 0x05])
            let ofHalf = try await message(cut.bytes)
            #expect(
                ofHalf
                    == "Secret in version \"v1\" cannot be handled as a Secret: unexpected EOF")
        }
    }

    @Test func aWatchTellsInProtobufWhatHappens() async throws {
        try await withTestCluster { cluster in
            let revision = try await cluster.send("GET", secrets).json.resourceVersion ?? ""
            let made = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]]).json
            let answer = try await cluster.send(
                "GET", "\(secrets)?watch=true&resourceVersion=\(revision)&timeoutSeconds=1",
                headers: ["Accept": "\(protobuf);stream=watch,application/json;stream=watch"])
            #expect(answer.header("Content-Type") == "\(protobuf);stream=watch")
            let length = answer.body.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            #expect(length == answer.body.count - 4)
            var event = ProtobufReader(answer.body.dropFirst(4))
            #expect(try event.tag(in: "WatchEvent")?.number == 1)
            #expect(try event.content().elementsEqual("ADDED".utf8))
            #expect(try event.tag(in: "WatchEvent")?.number == 2)
            var object = ProtobufReader(try event.content())
            #expect(try object.tag(in: "RawExtension")?.number == 1)
            let document = try ProtobufDocument(parsing: Array(try object.content()))
            #expect(document.kind == "Secret")
            let secret = try ProtobufDecoder.object(document.message[...], Schema.type("Secret"))
            #expect(secret["metadata"]?["uid"] == made["metadata"]?["uid"])
            let refused = try await cluster.send(
                "GET", "\(secrets)?watch=true", headers: ["Accept": "application/yaml"])
            #expect(refused.status == 406)
        }
    }

    @Test func aDeletionMaySayHowInProtobuf() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let options: JSON = ["preconditions": ["uid": "someone-else"]]
            let body = ProtobufDocument(
                apiVersion: "v1", kind: "DeleteOptions",
                message: ProtobufEncoder.message(options, Schema.type("DeleteOptions")))
            let refused = try await cluster.send(
                "DELETE", "\(secrets)/a", headers: ["Content-Type": protobuf], body: body.bytes)
            #expect(refused.status == 409)
            let deleted = try await cluster.send("DELETE", "\(secrets)/a", headers: ["Accept": protobuf])
            #expect(try ProtobufDocument(parsing: deleted.body).kind == "Status")
        }
    }
}
