import KubernetesAPI
import OrderedJSON
import TerraformState

@testable import StateStorage

/// Reads and writes a state with the requests that Terraform makes: found by labels, written by name, one part after the
/// other, each with the version that is there a moment before.
struct StockEngine {
    struct Failure: Error {
        /// Whether parts may have been written.
        let isPartial: Bool
        let cause: String
    }

    let transport: any Transport
    let environment: EnvironmentID
    var partLimit = 600

    private var names: StateNames { StateNames(environment) }

    /// - Returns: nil where it finds no state.
    func read() async throws -> [UInt8]? {
        let parts = try await listed().sorted {
            names.partIndex($0.objectName ?? "") ?? 0 < names.partIndex($1.objectName ?? "") ?? 0
        }
        if parts.isEmpty { return nil }
        let payload = try parts.flatMap { try Base64.decode($0["data"]?[StatePart.dataKey]?.string ?? "") }
        return try Gzip.decompress(payload, limit: 1 << 30)
    }

    func write(_ file: StateFile) async throws {
        let payloads = StatePart.cut(Gzip.compress(file.bytes), limit: partLimit)
        let before = Set(try await listed().compactMap(\.objectName))
        for (index, payload) in payloads.enumerated() {
            let path = "\(secretsPath)/\(names.part(index))"
            do {
                var secret: JSON
                if let found = try await json(.get, path, missing: true) {
                    secret = found
                } else {
                    var empty = StatePart.new(names, index: index, namespace: testNamespace, payload: []).whole
                    empty["data"] = nil
                    secret = try await json(.post, secretsPath, empty) ?? [:]
                }
                secret["data", StatePart.dataKey] = .string(Base64.encode(payload))
                _ = try await json(.put, path, secret)
            } catch let error as Failure {
                throw Failure(isPartial: index > 0, cause: error.cause)
            }
        }
        for secret in try await listed() where names.partIndex(secret.objectName ?? "") ?? 0 >= payloads.count {
            // Somebody else's: whoever writes without the lock takes away what another one wrote, or leaves it.
            guard before.contains(secret.objectName ?? "") else {
                throw Failure(isPartial: true, cause: "there are more parts than before")
            }
            do {
                _ = try await json(.delete, "\(secretsPath)/\(secret.objectName ?? "")")
            } catch let error as Failure {
                throw Failure(isPartial: true, cause: error.cause)
            }
        }
    }

    private func listed() async throws -> [JSON] {
        let selector = StateStore.selectorText(names.labels)
            .replacing("/", with: "%2F").replacing("=", with: "%3D").replacing(",", with: "%2C")
        return try await json(.get, "\(secretsPath)?labelSelector=\(selector)")?["items"]?.array ?? []
    }

    private func json(_ verb: HTTPVerb, _ path: String, _ body: JSON? = nil, missing: Bool = false) async throws
        -> JSON?
    {
        let response = try await transport.send(APIRequest(verb, path, body: body?.bytes))
        if missing, response.status == 404 { return nil }
        guard response.status < 300 else {
            throw Failure(isPartial: false, cause: "\(verb) \(path): \(response.status)")
        }
        return try JSON(parsing: try await response.collect(upTo: 1 << 30))
    }
}
