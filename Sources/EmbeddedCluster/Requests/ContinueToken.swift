internal import KubernetesAPI
internal import OrderedJSON

/// Where a list goes on: a revision, and the last object that was given.
///
/// Source: k8s.io/apiserver/pkg/storage/continue.go.
struct ContinueToken: Sendable, Hashable {
    let revision: Int64
    let position: ListPosition

    /// - Parameter namespace: the one that is listed; nil for all.
    func text(namespace: String?) -> String {
        let scope = namespace == nil && !position.namespace.isEmpty ? "/\(position.namespace)" : ""
        let json: JSON = [
            "v": "meta.k8s.io/v1", "rv": .number(JSONNumber(Int(revision))),
            "start": .string("\(scope)/\(position.name)\0"),
        ]
        return Base64.encode(json.bytes).filter { $0 != "=" }
            .replacing("+", with: "-").replacing("/", with: "_")
    }

    init(revision: Int64, position: ListPosition) {
        self.revision = revision
        self.position = position
    }

    /// - Throws: 400 in Kubernetes' words.
    init(parsing text: String, namespace: String?) throws {
        func invalid(_ reason: String) -> Status {
            .badRequest("invalid continue token: continue key is not valid: \(reason)")
        }
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        let bytes: [UInt8]
        do { bytes = try Base64.decode(standard + padding) } catch { throw invalid(error.description) }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw invalid(error.goText(in: bytes)) }
        guard json["v"]?.string == "meta.k8s.io/v1" else {
            throw invalid("server does not recognize this encoded version \(JSON.string(json["v"]?.string ?? "").text)")
        }
        guard let revision = json["rv"]?.int, revision > 0 else {
            throw invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
        }
        guard let start = json["start"]?.string, start.hasPrefix("/"), start.hasSuffix("\0") else {
            throw invalid("encoded start key empty (version meta.k8s.io/v1)")
        }
        let parts = start.dropFirst().dropLast().split(separator: "/", omittingEmptySubsequences: false).map(
            String.init)
        self.revision = Int64(revision)
        switch (parts.count, namespace) {
        case (1, let namespace): position = ListPosition(namespace: namespace ?? "", name: parts[0])
        case (2, nil): position = ListPosition(namespace: parts[0], name: parts[1])
        default: throw invalid(start)
        }
    }
}
