@testable import EmbeddedCluster
import OrderedJSON
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

extension TestCluster {
    func patch(_ path: String, _ type: PatchType, _ body: String) async throws -> Answer {
        try await send("PATCH", path, headers: ["Content-Type": type.rawValue], body: Array(body.utf8))
    }
}

@Suite struct PatchTests {
    @Test func allThreeSortsChangeAnObject() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a", "labels": ["x": "y"]]])
            for (type, body, labels) in [
                (PatchType.json, #"[{"op":"add","path":"/metadata/labels/z","value":"1"}]"#, #"{"x":"y","z":"1"}"#),
                (.merge, #"{"metadata":{"labels":{"z":null,"w":"2"}}}"#, #"{"w":"2","x":"y"}"#),
                (.strategic, #"{"metadata":{"labels":{"$patch":"replace","a":"b"}}}"#, #"{"a":"b"}"#),
            ] {
                let answer = try await cluster.patch("\(secrets)/a", type, body)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try answer.json["metadata"]?["labels"]?.text == labels)
                #expect(try await cluster.send("GET", "\(secrets)/a").json == answer.json)
            }
        }
    }

    @Test func whatDoesNotChangeAnythingIsNotWritten() async throws {
        try await withTestCluster { cluster in
            let created = try await cluster.send("POST", secrets, ["metadata": ["name": "a", "labels": ["x": "y"]]])
                .json
            for (type, body) in [
                (PatchType.json, "[]"), (.merge, #"{"metadata":{"labels":{"x":"y"}}}"#), (.strategic, "{}"),
            ] {
                #expect(try await cluster.patch("\(secrets)/a", type, body).json == created)
            }
            let dry = try await cluster.patch("\(secrets)/a?dryRun=All", .merge, #"{"data":{"a":"YQ=="}}"#)
            #expect(try dry.json["data"]?["a"] == "YQ==")
            #expect(try await cluster.send("GET", "\(secrets)/a").json == created)
        }
    }

    @Test(arguments: [
        (
            PatchType.json, #"[{"op":"test","path":"/metadata/name","value":"b"}]"#, 422,
            "the server rejected our request due to an error in our request"
        ),
        (
            .json, "{}", 400,
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        ),
        (
            .json, #"[{"op":1}]"#, 400,
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string"
        ),
        (.json, "[", 400, "error decoding patch: unexpected end of JSON input"),
        (
            .merge, "[]", 400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        ),
        (.merge, "{", 400, "error decoding patch: unexpected end of JSON input"),
        (.strategic, "{x", 400, "invalid character 'x' looking for beginning of object key string"),
        (
            .merge, #"{"metadata":{"name":"b"}}"#, 400,
            "the name of the object (b) does not match the name on the URL (a)"
        ),
        (
            .merge, #"{"metadata":{"name":null}}"#, 400,
            "the name of the object (a based on URL) was undeterminable: name must be provided"
        ),
        (
            .merge, #"{"metadata":{"namespace":"b"}}"#, 400,
            "the namespace of the provided object does not match the namespace sent on the request"
        ),
        (
            .merge, #"{"metadata":{"uid":"b"}}"#, 422,
            #"Secret "a" is invalid: metadata.uid: Invalid value: "b": field is immutable"#
        ),
        (
            .merge, #"{"metadata":{"resourceVersion":"1"}}"#, 409,
            #"Operation cannot be fulfilled on secrets "a": the object has been modified; "#
                + "please apply your changes to the latest version and try again"
        ),
        (
            .merge, #"{"type":"other"}"#, 422,
            #"Secret "a" is invalid: type: Invalid value: "other": field is immutable"#
        ),
        (.strategic, #"{"data":{"$patch":"x"}}"#, 500, "unknown patch type: x in map: map[$patch:x]"),
    ])
    func refuses(type: PatchType, body: String, status: Int, message: String) async throws {
        try await withTestCluster { cluster in
            let created = try await cluster.send(
                "POST", secrets, ["metadata": ["name": "a"], "data": ["x": "eA=="]]
            ).json
            let answer = try await cluster.patch("\(secrets)/a", type, body)
            #expect(answer.status == status)
            #expect(try answer.json["message"]?.string == message)
            #expect(try await cluster.send("GET", "\(secrets)/a").json == created)
        }
    }

    @Test func whatIsNoObjectOfTheKindIsSaid() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let answer = try await cluster.patch("\(secrets)/a", .merge, #"{"immutable":"yes"}"#)
            #expect(answer.status == 422)
            let json = try answer.json
            #expect(json["details"]?["causes"]?.array?.first?["field"] == "patch")
            #expect(
                json["message"]?.string?.hasPrefix(#" "" is invalid: patch: Invalid value: "{\"apiVersion\":"#) == true)
            #expect(json["message"]?.string?.contains("cannot unmarshal string into Go struct field") == true)
        }
    }

    @Test func fieldsThatAreNoneAreWarnedOfOrRefused() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let body = #"{"nope":1,"metadata":{"labels":{"a":"b","a":"c"}}}"#
            for type in [PatchType.merge, .strategic] {
                let warned = try await cluster.patch("\(secrets)/a", type, body)
                #expect(warned.status == 200)
                let warnings = warned.headers.filter { $0.0.lowercased() == "warning" }.map(\.1)
                #expect(
                    warnings == [
                        #"299 - "duplicate field \"metadata.labels.a\"""#, #"299 - "unknown field \"nope\"""#,
                    ])
                let strict = try await cluster.patch("\(secrets)/a?fieldValidation=Strict", type, body)
                #expect(strict.status == 422)
                #expect(
                    try strict.json["message"]?.string?.hasSuffix(
                        #"strict decoding error: duplicate field "metadata.labels.a", unknown field "nope""#) == true)
                let ignored = try await cluster.patch("\(secrets)/a?fieldValidation=Ignore", type, body)
                #expect(ignored.status == 200)
                #expect(ignored.header("Warning") == nil)
            }
            let operations = #"[{"op":"test","path":"/metadata/name","value":"a","why":1}]"#
            let warned = try await cluster.patch("\(secrets)/a", .json, operations)
            #expect(warned.header("Warning") == #"299 - "json patch unknown field \"[0].why\"""#)
        }
    }

    @Test func otherMediaTypesAndOptionsAreRefused() async throws {
        try await withTestCluster { cluster in
            let path = "\(secrets)/a"
            let media = try await cluster.send("PATCH", path, [:])
            #expect(media.status == 415)
            #expect(
                try media.json["message"]?.string
                    == "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json-patch+json, application/merge-patch+json, "
                    + "application/strategic-merge-patch+json, application/apply-patch+yaml")
            let forced = try await cluster.patch("\(path)?force=true&fieldManager=a%07b", .merge, "{}")
            #expect(forced.status == 422)
            #expect(
                try forced.json["message"]?.string
                    == #"PatchOptions.meta.k8s.io "" is invalid: [force: Forbidden: may not be specified for non-apply "#
                    + #"patch, fieldManager: Invalid value: "a\u0007b": invalid character U+0007 (at position 1)]"#)
            let missing = try await cluster.patch(path, .merge, "nonsense")
            #expect(missing.status == 404)
            let many = "[" + Array(repeating: #"{"op":"test"}"#, count: 10_001).joined(separator: ",") + "]"
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let tooMany = try await cluster.patch(path, .json, many)
            #expect(tooMany.status == 413)
            #expect(
                try tooMany.json["message"]?.string
                    == "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001")
            let deep = String(repeating: #"{"a":"#, count: 10_000)
            #expect(try await cluster.patch(path, .merge, deep).status == 400)
            let large = "[\"\(String(repeating: "x", count: 3_145_729))\"]"
            #expect(try await cluster.patch(path, .json, large).status == 413)
        }
    }

    @Test(arguments: [
        (#"{"data":"x"}"#, "cannot restore map from string"),
        (#"{"data":{"a":[]}}"#, "cannot restore slice from slice"),
        (#"{"immutable":"x"}"#, "unrecognized type: bool"), (#"{"type":1}"#, "cannot convert int64 to string"),
        (#"{"metadata":[]}"#, "cannot restore struct from: slice"),
        (#"{"metadata":{"finalizers":"x"}}"#, "cannot restore slice from string"),
    ])
    func aStrategicPatchSaysWhatItLeavesInItsOwnWords(patch: String, problem: String) async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let answer = try await cluster.patch("\(secrets)/a", .strategic, patch)
            #expect(answer.status == 422)
            let message = try answer.json["message"]?.string ?? ""
            #expect(message.hasPrefix(#" "" is invalid: patch: Invalid value: "map["#), "\(message)")
            #expect(message.hasSuffix(#"]": "# + problem), "\(message)")
        }
    }

    @Test func theStatusIsChangedAlone() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["name": "ns"]])
            let path = "/api/v1/namespaces/ns"
            let body =
                #"{"metadata":{"labels":{"a":"b"}},"status":{"phase":"Active","conditions":[{"type":"x","status":"True"}]}}"#
            let changed = try await cluster.patch(path, .strategic, body).json
            #expect(changed["metadata"]?["labels"]?["a"] == "b")
            #expect(changed["status"]?.text == #"{"phase":"Active"}"#)
            let status = try await cluster.patch(
                "\(path)/status?fieldManager=me", .strategic,
                body.dropLast() + #","spec":{"finalizers":["x"]}}"#)
            #expect(status.status == 200, "\(status.text)")
            let json = try status.json
            #expect(json["spec"]?.text == #"{"finalizers":["kubernetes"]}"#)
            #expect(json["status"]?["conditions"]?.array?.count == 1)
            let owner = json["metadata"]?["managedFields"]?.array?.first { $0["manager"] == "me" }
            #expect(owner?["subresource"] == "status")
            #expect(
                owner?["fieldsV1"]?.text
                    == #"{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"x\"}":{".":{},"f:status":{},"f:type":{}}}}}"#
            )
            #expect(try await cluster.send("GET", "\(path)/status").json == json)
            #expect(try await cluster.send("PUT", "\(path)/status", json).json == json)
            #expect(try await cluster.send("DELETE", "\(path)/status").status == 405)
            #expect(try await cluster.patch("\(secrets)/a/status", .merge, "{}").status == 404)
        }
    }

    @Test func patchesAtTheSameTimeAllCount() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        try await cluster.patch("\(secrets)/a", .merge, #"{"data":{"k\#(number)":"eA=="}}"#).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await cluster.send("GET", "\(secrets)/a").json["data"]?.object?.count == 6)
        }
    }

    @Test func aPatchNeedsItsOwnRight() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace()
            let list = "/api/v1/namespaces/humanitec-runner/secrets"
            _ = try await cluster.send("POST", list, ["metadata": ["name": "a"]])
            let token = TestCluster.Sender.token(try await cluster.token("humanitec-runner", "humanitec-runner"))
            let answer = try await cluster.send(
                "PATCH", "\(list)/a", as: token, headers: ["Content-Type": PatchType.merge.rawValue], [:])
            #expect(answer.status == 403)
            #expect(try answer.json["message"]?.string?.contains(#"cannot patch resource "secrets""#) == true)
        }
    }
}
