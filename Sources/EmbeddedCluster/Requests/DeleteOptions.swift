internal import HTTPTypes
internal import OrderedJSON

/// How something is to be deleted.
///
/// Source: Kubernetes API reference, meta/v1 `DeleteOptions`. What becomes of dependents (`propagationPolicy`) makes no
/// difference here: no kind of this cluster has any, but for a Namespace, whose content always goes with it.
struct DeleteOptions: Sendable {
    let isDryRun: Bool
    let uid: String?
    let resourceVersion: String?
    /// nil: as the object says itself.
    let gracePeriodSeconds: Int?

    init(_ request: ServerRequest) async throws {
        let isQueriedDryRun = try request.isDryRun("DeleteOptions")
        let hasBody =
            request.headers[.contentLength] != nil && request.headers[.contentLength] != "0"
            || request.headers[.transferEncoding] != nil
        let options =
            hasBody ? try await request.objectBody(expecting: "DeleteOptions", Schema.type("DeleteOptions")).json : [:]
        let dryRun = (options["dryRun"]?.array ?? []).compactMap(\.string)
        if let other = dryRun.first(where: { $0 != "All" }) { throw DryRun.unsupported(other, "DeleteOptions") }
        isDryRun = isQueriedDryRun || !dryRun.isEmpty
        gracePeriodSeconds =
            options["gracePeriodSeconds"]?.int ?? request.query["gracePeriodSeconds"].flatMap { Int($0) }
        uid = options["preconditions"]?["uid"]?.string
        resourceVersion = options["preconditions"]?["resourceVersion"]?.string
    }
}
