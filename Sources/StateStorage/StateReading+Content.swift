internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

extension StateStore {
    /// Reads the parts that a list saw, one after the other.
    ///
    /// - Parameter versions: of each part, as listed.
    /// - Returns: nil where a part has changed since.
    func reading(
        from first: StatePart, _ versions: [Int: String], _ names: StateNames
    ) async throws -> StateReading? {
        var inflation = PartInflation(configuration)
        inflation.append(first.payload, expecting: versions.count)
        var parts = [first]
        try await inOrder(Array(1..<versions.count), width: configuration.parallelParts) { index in
            try await part(names.part(index))
        } _: { part in
            guard var part, part.resourceVersion == versions[parts.count] else { return false }
            inflation.append(part.payload)
            part.payload = []
            parts.append(part)
            return true
        }
        guard parts.count == versions.count else { return nil }
        var content = content(of: &inflation, names)
        if inflation.isCutOff {
            let grown = try await grownOverRetiredParts(&inflation, parts.count, names)
            if !grown.isEmpty, case .success(let file) = self.content(of: &inflation, names) {
                parts += grown
                content = .success(file)
            }
        }
        var reading = StateReading(
            parts: parts, pending: nil, pendingPayloads: [], content: content, payloadSize: inflation.payloadSize)
        reading.isUnfilled = parts.count == 1 && inflation.payloadSize == 0
        return reading
    }

    /// A state that an engine enlarged into parts that we had retired: it fills them, and leaves their labels as they are,
    /// so that its own look-up misses them. The checksum proves that they belong.
    private func grownOverRetiredParts(
        _ inflation: inout PartInflation, _ count: Int, _ names: StateNames
    ) async throws -> [StatePart] {
        var grown: [StatePart] = []
        while inflation.isCutOff, var part = try await part(names.part(count + grown.count)),
            part.secret.objectLabels[OwnSecrets.contentLabel] == OwnSecrets.Content.retired.rawValue,
            !part.payload.isEmpty
        {
            inflation.append(part.payload)
            part.payload = []
            grown.append(part)
        }
        return grown
    }

    /// The state that parts hold together, or why they hold none.
    func content(of inflation: inout PartInflation, _ names: StateNames) -> Result<StateFile, StateStoreError> {
        let environment = names.environment
        if let empty = inflation.sizes.firstIndex(of: 0) {
            let explanation =
                inflation.sizes.count == 1
                ? "Secret \(names.secret) is there, but no state is in it: a write ended before it filled it; push the "
                    + "state with --force damaged"
                : "part \(empty) (Secret \(names.part(empty))) is empty: a write ended before it filled it; \(Self.remedy)"
            return .failure(failure(.damaged, environment, explanation))
        }
        let bytes: [UInt8]
        do throws(GzipError) {
            bytes = try inflation.finish()
        } catch {
            return .failure(unreadable(error, inflation.sizes, names))
        }
        do throws(StateFileError) {
            return .success(try StateFile(bytes))
        } catch {
            return .failure(failure(.notState, environment, "Secret \(names.secret): \(error)"))
        }
    }

    private static let remedy =
        "go back to a version (stowage state history), or push a good state with --force damaged"

    private func unreadable(_ error: GzipError, _ sizes: [Int], _ names: StateNames) -> StateStoreError {
        if error.code == .tooLarge {
            return tooLarge(names.environment, "the state in Secret \(names.secret)")
        }
        var end = 0
        for (index, size) in sizes.enumerated() {
            if error.code == .trailingBytes, end == error.offset {
                let explanation =
                    "the state is whole in parts 0 to \(index - 1), but \(sizes.count - index) part(s) too many follow "
                    + "(from Secret \(names.part(index))), so engines cannot read it; push it again with --force damaged"
                return failure(.damaged, names.environment, explanation)
            }
            end += size
        }
        let count = sizes.count == 1 ? "Secret \(names.secret)" : "the \(sizes.count) parts of \(names.secret)"
        return failure(.damaged, names.environment, "\(count): \(error); \(Self.remedy)")
    }

    func lostLabels(_ names: StateNames, _ parts: [StatePart]) -> StateStoreError {
        let labels = parts[0].secret.objectLabels
        let lost = names.labels.filter { labels[$0.key] != $0.value }
        let error = StateAccessError(secret: names.secret, namespace: namespace, lostLabels: lost)
        return failure(.lostLabels, names.environment, error.description)
    }

    /// What is wrong with the set of Secrets that carry the labels of a state.
    func misplaced(_ names: StateNames, present: [Int], foreign: [String]) -> StateStoreError {
        guard foreign.isEmpty else {
            let explanation =
                "the labels of this state are also on \(foreign.sorted().joined(separator: ", ")), so engines read them "
                + "as part of it; take label tfstateSecretSuffix off the copies"
            return failure(.copied, names.environment, explanation)
        }
        let missing = (0...(present.last ?? 0)).filter { !present.contains($0) }.map { names.part($0) }
        let explanation =
            "part(s) of the state are missing: \(missing.joined(separator: ", ")); if they exist, put their labels back "
            + "(\(Self.selectorText(names.labels))); else \(Self.remedy)"
        return failure(.damaged, names.environment, explanation)
    }
}
