/// What a path of the API is about.
///
/// Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
struct ResourcePath: Sendable, Hashable {
    let group: String
    let version: String
    let resource: String
    let subresource: String
    /// Empty for resources of the whole cluster and for all namespaces. For a Namespace, its own name.
    let namespace: String
    /// Empty for a collection.
    let name: String
    /// Whether the path led through `/namespaces/NAME/` to something in it.
    let isInNamespace: Bool

    /// As an `apiVersion` says it.
    var groupVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// nil for paths that are not about resources.
    ///
    /// - Parameter parts: the decoded parts of the path.
    init?(_ parts: [String]) {
        var rest = parts[...]
        switch rest.popFirst() {
        case "api": group = ""
        case "apis":
            guard let first = rest.popFirst(), !first.isEmpty else { return nil }
            group = first
        default: return nil
        }
        guard let version = rest.popFirst(), !version.isEmpty, let first = rest.first, !first.isEmpty else {
            return nil
        }
        self.version = version
        var namespace = ""
        var isInNamespace = false
        if first == "namespaces", rest.count > 1 {
            namespace = rest[rest.startIndex + 1]
            let third = rest.count > 2 ? rest[rest.startIndex + 2] : nil
            if let third, third != "status", third != "finalize" {
                rest = rest.dropFirst(2)
                isInNamespace = true
            }
        }
        self.namespace = namespace
        self.isInNamespace = isInNamespace
        let own = Array(rest)
        guard own.count <= 3, own.allSatisfy({ !$0.isEmpty }) else { return nil }
        resource = own[0]
        name = own.count > 1 ? own[1] : ""
        subresource = own.count > 2 ? own[2] : ""
    }
}
