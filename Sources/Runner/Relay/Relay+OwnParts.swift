internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

extension Relay {
    /// The answer to a request that deletes a part which the state does not need any more, and that the Role denied: Terraform
    /// would give up, with the state written and the part still there. It is taken out of the engines' sight instead.
    ///
    /// - Returns: nil for every other request, and where that does not work out either.
    func retired(_ verb: HTTPVerb, _ path: String, by history: RunHistory) async -> Response? {
        guard verb == .delete, let name = path.split(separator: "/").last,
            (try? await history.retire(String(name))) == true
        else { return nil }
        return Self.response(200, ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"])
    }
}

extension KubernetesClient {
    /// The Secrets of one environment's state that a selector finds, read by name: for a Role that is limited to names, which
    /// no list by labels is granted with.
    ///
    /// Parts are numbered without gaps, so that the first that is not there ends them, as does the first that may not be read:
    /// what is missing then leaves a gzip without its end, which engines refuse.
    ///
    /// - Throws: `KubernetesError` where not even the first can be read.
    func secrets(of names: StateNames, in namespace: String, matching selector: LabelSelector) async throws -> [JSON] {
        var found: [JSON] = []
        while true {
            do {
                let name = found.isEmpty ? names.secret : "\(names.secret)-part-\(found.count)"
                found.append(try await get(.secret, namespace: namespace, name: name))
            } catch let error as KubernetesError
                where error.code == .notFound || error.code == .forbidden && !found.isEmpty
            {
                return found.filter { selector.matches($0.objectLabels) }
            }
        }
    }
}
