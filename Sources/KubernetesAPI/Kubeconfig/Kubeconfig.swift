/// One or more kubeconfig files, merged as kubectl merges those of `KUBECONFIG`.
public struct Kubeconfig: Sendable, CustomStringConvertible {
    let paths: [String]
    private let clusters: [String: KubeconfigValue]
    private let users: [String: KubeconfigValue]
    private let contexts: [String: KubeconfigValue]
    /// The first `current-context` of the files that is not empty.
    public let currentContext: String?

    /// The contexts that may be asked for, sorted.
    public var contextNames: [String] { contexts.keys.sorted() }

    /// Reads the files in their order. Of clusters, users and contexts of the same name the first counts, and so does the
    /// first `current-context`. Paths inside a file are relative to that file.
    ///
    /// - Parameter paths: of several, those that are missing are left out as long as one exists.
    /// - Throws: ``KubeconfigError`` naming file, line and key.
    public static func load(paths: [String]) throws -> Kubeconfig {
        let paths = paths.filter { !$0.isEmpty }
        guard let first = paths.first else {
            throw KubeconfigError(.fileMissing, file: nil, key: nil, "no kubeconfig was named")
        }
        var roots: [KubeconfigValue] = []
        for path in paths {
            do throws(KubeconfigError) {
                roots.append(try KubeconfigFile.load(path))
            } catch {
                guard error.code == .fileMissing, paths.count > 1 else { throw error }
            }
        }
        guard !roots.isEmpty else {
            throw KubeconfigError(
                .fileMissing, file: first, key: nil, "none of the \(paths.count) kubeconfig files exists")
        }
        return try Kubeconfig(paths: roots.map(\.file), roots: roots)
    }

    private init(paths: [String], roots: [KubeconfigValue]) throws(KubeconfigError) {
        self.paths = paths
        var current: String?
        for root in roots {
            guard root.isMapping else { throw root.error(.invalid, "not a kubeconfig: expected a mapping") }
            if let kind = try root.member("kind"), try kind.string() != "Config" {
                throw kind.error(.invalid, "not a kubeconfig: expected Config")
            }
            if let version = try root.member("apiVersion"), try version.string() != "v1" {
                throw version.error(.unsupported, "expected v1")
            }
            let named = try root.string("current-context")
            current = current ?? named
        }
        currentContext = current
        clusters = try Self.merged(roots, "clusters", "cluster")
        users = try Self.merged(roots, "users", "user")
        contexts = try Self.merged(roots, "contexts", "context")
    }

    private static func merged(
        _ roots: [KubeconfigValue], _ list: String, _ content: String
    ) throws(KubeconfigError) -> [String: KubeconfigValue] {
        var merged: [String: KubeconfigValue] = [:]
        for root in roots {
            var named: [String: KubeconfigValue] = [:]
            for entry in try root.elements(list) {
                let name = try entry.required("name").string()
                guard named[name] == nil else { throw entry.error(.invalid, "given more than once in this file") }
                let absent = KubeconfigValue(
                    file: entry.file, mark: entry.mark, path: "\(entry.path).\(content)", content: .null)
                named[name] = try entry.member(content) ?? absent
            }
            merged.merge(named) { first, _ in first }
        }
        return merged
    }

    /// What one context says.
    ///
    /// - Parameters:
    ///   - context: nil takes the `current-context`.
    ///   - environment: that exec plug-ins are run in.
    /// - Throws: ``KubeconfigError`` naming file, line and key.
    public func connection(context: String?, environment: [String: String]) throws -> ClusterConnection {
        guard let name = context ?? currentContext else {
            throw KubeconfigError(
                .noContext, file: files, key: "current-context",
                "not set, and no context was given\(choice(of: contextNames, "pass one of"))")
        }
        guard let chosen = contexts[name] else {
            throw KubeconfigError(
                .unknownContext, file: files, key: nil,
                "there is no context '\(name)'\(choice(of: contextNames, "there are"))")
        }
        let clusterKey = try chosen.required("cluster")
        let clusterName = try clusterKey.string()
        guard let cluster = clusters[clusterName] else {
            throw clusterKey.error(.unknownCluster, "there is no cluster '\(clusterName)' in \(files)")
        }
        let userKey = try chosen.member("user")
        let userName = try userKey?.string()
        let user = userName.flatMap { users[$0] }
        if let userKey, let userName, user == nil {
            throw userKey.error(.unknownUser, "there is no user '\(userName)' in \(files)")
        }
        return try ConnectionBuilder(cluster: cluster, user: user, environment: environment).connection(
            namespace: try chosen.string("namespace"), description: "context '\(name)' of \(chosen.file)")
    }

    /// The files, and nothing of what is in them.
    public var description: String { "kubeconfig \(files)" }

    private var files: String { paths.joined(separator: ":") }

    private func choice(of names: [String], _ verb: String) -> String {
        guard !names.isEmpty else { return "; there are no contexts" }
        let more = names.count > 10 ? " and \(names.count - 10) more" : ""
        return "; \(verb) \(names.prefix(10).map { "'\($0)'" }.joined(separator: ", "))\(more)"
    }
}
