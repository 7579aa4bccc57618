internal import KubernetesAPI
internal import OrderedJSON

extension KubernetesClient {
    private static let settlingAttempts = 5

    /// Creates an object, or replaces the version of it that was read, and finds out whether it happened when the answer
    /// does not tell.
    ///
    /// An answer can be lost, or be an error that came after the change was made. So whatever could mean either is followed
    /// by a read: what is there is then ours, or untouched (and the request is repeated, which the compare-and-swap makes
    /// safe), or somebody else's (and the error stands).
    ///
    /// - Parameters:
    ///   - object: with the resourceVersion that it was read with; without one it is created.
    ///   - isDone: whether an object as the cluster has it is the outcome that was wanted.
    /// - Throws: `KubernetesError`; with code `conflict` or `alreadyExists` when somebody else was faster. Where it may be that
    ///   ours came first and was changed since, `mayHaveHappened` says so.
    func settle(
        _ kind: ResourceKind, namespace: String?, _ object: JSON, isDone: (JSON) -> Bool
    ) async throws -> JSON {
        try await settle(version: object.resourceVersion) {
            object.resourceVersion == nil
                ? try await create(kind, namespace: namespace, object)
                : try await update(kind, namespace: namespace, object)
        } look: {
            let current = try await get(kind, namespace: namespace, name: object.objectName ?? "")
            return Found(object: current, isDone: isDone(current))
        }
    }

    /// The same for a Secret with a value apart, which is done when what is there has its content.
    ///
    /// - Returns: the Secret without the value, with its metadata as the cluster has it.
    func settle(_ secret: SecretValue, namespace: String) async throws -> JSON {
        try await settle(version: secret.object.resourceVersion) {
            let metadata =
                secret.object.resourceVersion == nil
                ? try await create(secret, namespace: namespace) : try await update(secret, namespace: namespace)
            return secret.object.with(metadata)
        } look: {
            let current = try await self.secret(
                namespace: namespace, name: secret.object.objectName ?? "", key: secret.key)
            return Found(
                object: secret.object.with(current.object["metadata"] ?? .null),
                isDone: current.object.hasContent(of: secret.object) && current.bytes == secret.bytes)
        }
    }

    private struct Found {
        let object: JSON
        let isDone: Bool
    }

    /// - Parameter look: reads what is there.
    private func settle(
        version: String?, _ write: () async throws -> JSON, look: () async throws -> Found
    ) async throws -> JSON {
        var attempt = 1
        var mayBeDone = false
        while true {
            do {
                return try await write()
            } catch let error as KubernetesError where error.leavesDoubt {
                mayBeDone = mayBeDone || error.mayBeDone
                let current = try await current(after: error, look)
                if let current, current.isDone { return current.object }
                let isUntouched = current?.object.resourceVersion == version
                guard isUntouched, attempt < Self.settlingAttempts else {
                    throw current == nil || isUntouched ? error : error.conflict(mayBeDone: mayBeDone)
                }
            }
            try await Task.sleep(for: .milliseconds(40 << attempt) * Double.random(in: 0..<1))
            attempt += 1
        }
    }

    private func current(after error: KubernetesError, _ look: () async throws -> Found) async throws -> Found? {
        do {
            return try await look()
        } catch let failure as KubernetesError where failure.code == .notFound {
            return nil
        } catch is KubernetesError {
            // That it is not known what became of the write is what matters.
            throw error
        }
    }
}

extension KubernetesError {
    /// Whether what was asked may have been done all the same, or may yet be done.
    fileprivate var leavesDoubt: Bool {
        [.unreachable, .server, .tooManyRequests, .conflict, .alreadyExists].contains(code)
    }

    /// Whether the request itself may have been carried out.
    var mayBeDone: Bool { mayHaveHappened || code == .server }

    fileprivate func conflict(mayBeDone: Bool) -> KubernetesError {
        KubernetesError(
            isConflict ? code : .conflict, status: isConflict ? status : nil, target: target,
            cause: isConflict ? cause : "somebody else changed it at the same time (\(cause))",
            mayHaveHappened: mayBeDone)
    }

    var isConflict: Bool { code == .conflict || code == .alreadyExists }
}

extension JSON {
    fileprivate func with(_ metadata: JSON) -> JSON {
        var object = self
        object["metadata"] = metadata
        return object
    }

    /// Whether labels, annotations and data are those of `wanted`, which was sent; the cluster adds fields of its own.
    func hasContent(of wanted: JSON) -> Bool {
        objectLabels == wanted.objectLabels && objectAnnotations == wanted.objectAnnotations
            && (self["data"]?.strings ?? [:]) == (wanted["data"]?.strings ?? [:])
    }
}
