internal import KubernetesAPI
internal import OrderedJSON

/// Looking Secrets up by their labels, or one by one by their names: a Role that is limited to the names of one environment
/// grants no list.
extension StateStore {
    /// The metadata of the Secrets with the labels of a state.
    ///
    /// By name, copies are not seen, and it is no longer of one moment: part 0 comes last, which a write changes first.
    func stateMetadata(_ names: StateNames) async throws -> [JSON] {
        do {
            return try await secretMetadata(names.labels)
        } catch let error as KubernetesError where error.code == .forbidden {
            var parts = try await metadata(while: names.part, from: 1, in: 0..<Int.max)
            // Not even that one: then it is the list that is missing, as the documented Role grants it.
            do {
                parts += [try await partZeroMetadata(names)].compactMap(\.self)
            } catch is KubernetesError {
                throw error
            }
            return parts.filter { part in names.labels.allSatisfy { part.objectLabels[$0.key] == $0.value } }
        }
    }

    /// What the history holds.
    func keptHistory(_ names: StateNames) async throws -> KeptHistory {
        do {
            return KeptHistory(try await secretMetadata(OwnSecrets.labels(.history, names.environment)), names)
        } catch let error as KubernetesError where error.code == .forbidden {
            let slots: [JSON]
            do {
                slots = try await inParallel(
                    Array(0..<StateNames.slotsByName), width: configuration.parallelRequests
                ) { try await metadata(of: names.history(slot: $0)) }.compactMap(\.self)
            } catch is KubernetesError {
                throw error
            }
            let parts = try await metadata(while: names.historyPart, from: 0, in: 0..<StateNames.partsByName)
            let labels = OwnSecrets.labels(.history, names.environment)
            let own = (slots + parts).filter { secret in labels.allSatisfy { secret.objectLabels[$0.key] == $0.value } }
            return KeptHistory(own, names, isByName: true)
        }
    }

    /// The metadata of Secrets that are numbered without gaps: the first that is not there, or may not be read, ends them.
    private func metadata(
        while name: (Int) -> String, from first: Int, in range: Range<Int>
    ) async throws -> [JSON] {
        var found: [JSON] = []
        do {
            while range.contains(first + found.count), let next = try await metadata(of: name(first + found.count)) {
                found.append(next)
            }
        } catch let error as KubernetesError where error.code == .forbidden {}
        return found
    }

    private func metadata(of name: String) async throws -> JSON? {
        do {
            return try await client.metadata(of: .secret, namespace: namespace, name: name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }
}

extension StateNames {
    /// The slots of the history that a Role for one environment names.
    static let slotsByName = 10
    /// The further parts of versions that a Role for one environment names.
    static let partsByName = 30
}
