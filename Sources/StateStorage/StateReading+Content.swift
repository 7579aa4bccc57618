internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

extension StateStore {
    func reading(of parts: [StatePart], _ names: StateNames) async throws -> StateReading {
        let payload = parts.count == 1 ? parts[0].payload : Array(parts.map(\.payload).joined())
        let found = content(of: payload, parts, names)
        if case .failure(let error) = found, error.code == .damaged,
            let grown = try await grownOverRetiredParts(parts, names)
        {
            return grown
        }
        return StateReading(
            parts: parts, pending: nil, pendingPayload: [], content: found, payloadSize: payload.count)
    }

    /// A state that an engine enlarged into parts that we had retired: it fills them, and leaves their labels as they are,
    /// so that its own look-up misses them. The checksum proves that they belong.
    private func grownOverRetiredParts(_ parts: [StatePart], _ names: StateNames) async throws -> StateReading? {
        var parts = parts
        while let secret = try await secret(names.part(parts.count)),
            secret.objectLabels[OwnSecrets.contentLabel] == OwnSecrets.Content.retired.rawValue
        {
            let part = try StatePart(secret: secret)
            if part.payload.isEmpty { break }
            parts.append(part)
            let payload = Array(parts.map(\.payload).joined())
            let found = content(of: payload, parts, names)
            if case .success = found {
                return StateReading(
                    parts: parts, pending: nil, pendingPayload: [], content: found, payloadSize: payload.count)
            }
        }
        return nil
    }

    /// The state that a payload is, or why it is none.
    func content(of payload: [UInt8], _ parts: [StatePart], _ names: StateNames) -> Result<StateFile, StateStoreError> {
        let environment = names.environment
        if let empty = parts.firstIndex(where: { $0.payload.isEmpty }) {
            let explanation =
                parts.count == 1
                ? "Secret \(names.secret) is there, but no state is in it: a write ended before it filled it; push the "
                    + "state with --force damaged"
                : "part \(empty) (Secret \(names.part(empty))) is empty: a write ended before it filled it; \(Self.remedy)"
            return .failure(failure(.damaged, environment, explanation))
        }
        let bytes: [UInt8]
        do throws(GzipError) {
            bytes = try Gzip.decompress(payload, limit: configuration.inflationLimit)
        } catch {
            return .failure(unreadable(error, parts, names))
        }
        do throws(StateFileError) {
            return .success(try StateFile(bytes))
        } catch {
            return .failure(failure(.notState, environment, "Secret \(names.secret): \(error)"))
        }
    }

    private static let remedy =
        "go back to a version (stowage state history), or push a good state with --force damaged"

    private func unreadable(_ error: GzipError, _ parts: [StatePart], _ names: StateNames) -> StateStoreError {
        if error.code == .tooLarge {
            let limit = configuration.inflationLimit
            return failure(
                .tooLarge, names.environment,
                "Secret \(names.secret): the state inflates to more than \(limit) bytes; raise the limit if that is right"
            )
        }
        var end = 0
        for (index, part) in parts.enumerated() {
            if error.code == .trailingBytes, end == error.offset {
                let explanation =
                    "the state is whole in parts 0 to \(index - 1), but \(parts.count - index) part(s) too many follow "
                    + "(from Secret \(names.part(index))), so engines cannot read it; push it again with --force damaged"
                return failure(.damaged, names.environment, explanation)
            }
            end += part.payload.count
        }
        let count = parts.count == 1 ? "Secret \(names.secret)" : "the \(parts.count) parts of \(names.secret)"
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
