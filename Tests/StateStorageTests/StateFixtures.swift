import OrderedJSON
import TerraformState

@testable import KubernetesAPI
@testable import StateStorage

let testNamespace = "humanitec-runner"
let secretsPath = "/api/v1/namespaces/\(testNamespace)/secrets"
let leasesPath = "/apis/coordination.k8s.io/v1/namespaces/\(testNamespace)/leases"

/// A store with small parts, so that states of many parts are small too.
func testStore(
    _ transport: any Transport, partLimit: Int = 600, namespace: String = testNamespace,
    server: String = "https://cluster.test:6443"
) throws -> StateStore {
    let connection = try ClusterConnection(server: server, description: "test")
    var configuration = StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0")
    configuration.partLimit = partLimit
    // States of five parts are large.
    configuration.largestInMemory = 2000
    configuration.longestLockPause = .milliseconds(20)
    return StateStore(
        client: KubernetesClient(connection: connection, transport: transport), namespace: namespace,
        configuration: configuration)
}

enum TestState {
    static let lineage = "6f1b2c3d-0000-4000-8000-00000000000a"

    /// A state whose gzip is about `size` bytes, the same for the same arguments.
    static func file(serial: UInt64, size: Int = 300, lineage: String = lineage, resources: Int = 1) throws -> StateFile
    {
        var random = serial &* 0x9E37_79B9_7F4A_7C15 | 1
        var text = ""
        // Three digits of base 36 are worth two bytes that do not compress.
        while text.utf8.count < size {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += String(random >> 20, radix: 36)
        }
        let body = (0..<resources).map { index in
            #"{"mode": "managed", "type": "terraform_data", "name": "r\#(index)", "#
                + #""provider": "provider[\"terraform.io/builtin/terraform\"]", "#
                + #""instances": [{"schema_version": 0, "attributes": {"id": "i", "input": "\#(text)"}}]}"#
        }
        return try StateFile(
            Array(
                """
                {
                  "version": 4,
                  "terraform_version": "1.11.4",
                  "serial": \(serial),
                  "lineage": "\(lineage)",
                  "outputs": {},
                  "resources": [\(body.joined(separator: ", "))],
                  "check_results": null
                }

                """.utf8))
    }

    /// States that change a little from one to the next.
    static func slowlyChanging(_ serial: UInt64, size: Int = 2000) throws -> StateFile {
        let base = String(decoding: try file(serial: 77, size: size).bytes, as: UTF8.self)
        let text = base.replacing(#""id": "i""#, with: #""id": "i\#(serial)""#)
        return try StateFile(Array(text.utf8)).withSerial(serial)
    }

    /// Sizes whose gzip has one, two, three and five parts of 600 bytes.
    static let sizes = [1: 300, 2: 1000, 3: 1900, 5: 3600]
}

func freshEnvironment() throws -> EnvironmentID {
    func digits(_ count: Int) -> String { (0..<count).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined() }
    return try EnvironmentID("\(digits(8))-\(digits(4))-4\(digits(3))-8\(digits(3))-a\(digits(11))")
}

extension SecretValue {
    /// As one object.
    var whole: JSON {
        var secret = object
        if let bytes { secret["data", key] = .string(Base64.encode(bytes)) }
        return secret
    }
}

extension MemoryCluster {
    /// Puts a state there as an engine would: parts of that payload, in its names and labels.
    func putAsEngine(_ payloads: [[UInt8]], _ environment: EnvironmentID) {
        let names = StateNames(environment)
        for (index, payload) in payloads.enumerated() {
            put(
                StatePart.new(names, index: index, namespace: testNamespace, payload: payload).whole,
                at: "\(secretsPath)/\(names.part(index))")
        }
    }

    /// What an engine reads: everything with its labels, in the order of the names.
    func engineReads(_ environment: EnvironmentID, in namespace: String = testNamespace) -> [UInt8]? {
        let names = StateNames(environment)
        let secretsPath = "/api/v1/namespaces/\(namespace)/secrets"
        let parts = objects.filter { object in
            object.key.hasPrefix("\(secretsPath)/")
                && names.labels.allSatisfy { object.value.objectLabels[$0.key] == $0.value }
        }
        let payloads = parts.compactMap { key, secret -> (Int, [UInt8])? in
            guard let index = names.partIndex(String(key.dropFirst(secretsPath.count + 1))),
                let payload = try? Base64.decode(secret["data"]?["tfstate"]?.string ?? "")
            else { return nil }
            return (index, payload)
        }
        guard payloads.count == parts.count else { return nil }
        return try? Gzip.decompress(payloads.sorted { $0.0 < $1.0 }.flatMap(\.1), limit: 1 << 30)
    }
}
