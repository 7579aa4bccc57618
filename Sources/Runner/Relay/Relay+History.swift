internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

/// An engine's write of the state, as far as the history is concerned: it replaces part 0, which all others follow.
struct StateWrite: Sendable {
    /// The resourceVersion that the engine read; nil where it creates the Secret, or says none.
    let base: String?
    let isCreation: Bool

    /// nil for a request that writes something else.
    init?(verb: HTTPVerb, path: String, body: [UInt8], namespace: String, names: StateNames) {
        let secrets = ResourceKind.secret.path(namespace: namespace)
        switch verb {
        case .put where path == "\(secrets)/\(names.secret)":
            isCreation = false
            base = (try? JSON(parsing: body))?.resourceVersion
        case .post where path == secrets && (try? JSON(parsing: body))?.objectName == names.secret:
            isCreation = true
            base = nil
        default: return nil
        }
    }
}

extension RunHistory {
    /// Keeps what a write would replace.
    ///
    /// - Returns: what the engine is told where that failed; nil when the write may go ahead.
    func refusal(of write: StateWrite) async -> Status? {
        // A creation replaces nothing: the cluster refuses it where something is.
        if write.isCreation { return nil }
        do {
            try await willOverwrite(write.base)
            return nil
        } catch {
            let message =
                "somebody else changed the state during this run, and it could not be kept as a version, so it was not "
                + "overwritten: \(error)"
            return Status(code: 409, reason: "Conflict", message: message)
        }
    }
}
