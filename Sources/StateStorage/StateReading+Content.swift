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
            let grown = try await partsWithoutLabels(&inflation, parts.count, names)
            if !grown.isEmpty, case .success(let file) = self.content(of: &inflation, names) {
                parts += grown
                let lost = grown.first { !$0.isRetired }
                content = lost.map { .failure(lostLabels(names, $0)) } ?? .success(file)
            }
        }
        var reading = StateReading(
            parts: parts, pending: nil, pendingPayloads: [], content: content, payloadSize: inflation.payloadSize)
        reading.isUnfilled = parts.count == 1 && inflation.payloadSize == 0
        reading.surplus = inflation.surplus
        return reading
    }

    /// The parts that follow by their names, but which engines do not find. The checksum proves whether they belong.
    ///
    /// An engine that enlarges a state into parts that we had retired fills them, and leaves their labels as they are. Of
    /// others, somebody took the labels off.
    private func partsWithoutLabels(
        _ inflation: inout PartInflation, _ count: Int, _ names: StateNames
    ) async throws -> [StatePart] {
        var grown: [StatePart] = []
        while inflation.isCutOff, var part = try await part(names.part(count + grown.count)), !part.payload.isEmpty {
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
            return .failure(unreadable(error, inflation, names))
        }
        do throws(StateFileError) {
            return .success(try StateFile(bytes))
        } catch {
            return .failure(failure(.notState, environment, "Secret \(names.secret): \(error)"))
        }
    }

    private static let remedy =
        "go back to a version (stowage state history), or push a good state with --force damaged"

    private func unreadable(
        _ error: GzipError, _ inflation: borrowing PartInflation, _ names: StateNames
    ) -> StateStoreError {
        let count = inflation.sizes.count
        if error.code == .tooLarge {
            return tooLarge(names.environment, "the state in Secret \(names.secret)")
        }
        if let surplus = inflation.surplus {
            let explanation =
                "the state is whole in parts 0 to \(surplus - 1), but \(count - surplus) part(s) too many follow "
                + "(from Secret \(names.part(surplus))), so engines cannot read it; push it again with --force damaged"
            return failure(.damaged, names.environment, explanation)
        }
        let what = count == 1 ? "Secret \(names.secret)" : "the \(count) parts of \(names.secret)"
        return failure(.damaged, names.environment, "\(what): \(error); \(Self.remedy)")
    }

    func lostLabels(_ names: StateNames, _ part: StatePart) -> StateStoreError {
        let labels = part.secret.objectLabels
        let lost = names.labels.filter { labels[$0.key] != $0.value }
        let error = StateAccessError(secret: part.name, namespace: namespace, lostLabels: lost)
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
