internal import GRDB
internal import KubernetesAPI

extension Store {
    /// The namespaces that have no object of that name.
    ///
    /// - Parameter namespace: the only one to look at; nil for all.
    func namespaces(without resource: String, _ name: String, only namespace: String?) async throws -> [String] {
        try await pool.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT n.name FROM live AS n WHERE n.resource = ? AND n.namespace = ''
                    AND (? IS NULL OR n.name = ?)
                    AND NOT EXISTS (
                        SELECT 1 FROM live AS o WHERE o.resource = ? AND o.namespace = n.name AND o.name = ?)
                    """,
                arguments: [ResourceKind.namespace.qualifiedResource, namespace, namespace, resource, name])
        }
    }
}
