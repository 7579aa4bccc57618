public import OrderedJSON

/// An object, and what time it was for the cluster when it answered.
public struct DatedObject: Sendable, Hashable {
    /// The object, as the API gave it.
    public var object: JSON
    /// Seconds since 1970 by the clock of the API server, cut to whole seconds; nil where it does not tell.
    public var time: Double?

    public init(object: JSON, time: Double?) {
        self.object = object
        self.time = time
    }
}

extension KubernetesClient {
    /// Reads one object, and the time of the cluster: for what is compared with times that others wrote, which clocks of
    /// several machines would answer differently.
    ///
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/notFound`` when there is none.
    public func getDated(_ kind: ResourceKind, namespace: String?, name: String) async throws -> DatedObject {
        let request = try request(.get, kind, namespace, name: name)
        var time: Double?
        let object = try await json(request) { time = $0.header("Date").flatMap(HTTPDate.seconds) }
        return DatedObject(object: object, time: time)
    }
}
