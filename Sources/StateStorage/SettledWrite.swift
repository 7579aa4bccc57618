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
    /// - Throws: `KubernetesError`; with code `conflict` or `alreadyExists` when somebody else was faster.
    func settle(
        _ kind: ResourceKind, namespace: String?, _ object: JSON, isDone: (JSON) -> Bool
    ) async throws -> JSON {
        var attempt = 1
        while true {
            do {
                return object.resourceVersion == nil
                    ? try await create(kind, namespace: namespace, object)
                    : try await update(kind, namespace: namespace, object)
            } catch let error as KubernetesError where error.leavesDoubt {
                let current = try await current(kind, namespace, object, after: error)
                if let current, isDone(current) { return current }
                guard current?.resourceVersion == object.resourceVersion, attempt < Self.settlingAttempts else {
                    throw current == nil || current?.resourceVersion == object.resourceVersion
                        ? error : error.asConflict
                }
            }
            try await Task.sleep(for: .milliseconds(40 << attempt) * Double.random(in: 0..<1))
            attempt += 1
        }
    }

    private func current(
        _ kind: ResourceKind, _ namespace: String?, _ object: JSON, after error: KubernetesError
    ) async throws -> JSON? {
        do {
            return try await get(kind, namespace: namespace, name: object.objectName ?? "")
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

    fileprivate var asConflict: KubernetesError {
        if code == .conflict || code == .alreadyExists { return self }
        return KubernetesError(.conflict, target: target, cause: "somebody else changed it at the same time (\(cause))")
    }

    var isConflict: Bool { code == .conflict || code == .alreadyExists }
}

extension JSON {
    /// Whether labels, annotations and data are those of `wanted`, which was sent; the cluster adds fields of its own.
    func hasContent(of wanted: JSON) -> Bool {
        objectLabels == wanted.objectLabels && objectAnnotations == wanted.objectAnnotations
            && (self["data"]?.strings ?? [:]) == (wanted["data"]?.strings ?? [:])
    }
}
