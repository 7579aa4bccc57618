import KubernetesAPI
import LocalFiles

extension Kubeconfig {
    /// A kubeconfig of this text, which stands in a folder with these files; the folder is gone after the body.
    static func parsed<T>(
        _ text: String, files: [String: String] = [:], _ body: (Kubeconfig) throws -> T
    ) throws -> T {
        let folder = TemporaryFolder(path: "/tmp/stowage-kubeconfig-tests.\(UInt64.random(in: 0 ... .max))")
        try PrivateFile.createFolder(folder.path)
        defer { try? FolderTree.remove(folder.path) }
        for (name, content) in files { try folder.write(content, to: name) }
        return try body(Kubeconfig.load(paths: [folder.write(text, to: "config")]))
    }

    /// A kubeconfig with one context, of a cluster and a user with these settings in YAML's flow style.
    static func text(cluster: String = "", user: String = "", server: String = "https://cluster.test:6443") -> String {
        """
        current-context: x
        clusters: [{name: c, cluster: {server: "\(server)"\(cluster.isEmpty ? "" : ", \(cluster)")}}]
        users: [{name: u, user: {\(user)}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        """
    }
}
