internal import Hummingbird

/// `/healthz`, `/livez` and `/readyz`: whether the cluster can answer. Each check can be asked for alone, and `?verbose`
/// tells of all.
///
/// Source: k8s.io/apiserver/pkg/server/healthz/healthz.go.
struct HealthChecks: Sendable {
    let store: Store

    private enum Check: String, CaseIterable {
        case ping
        /// The store can be read.
        case store
    }

    /// nil for paths that are not about health.
    func answer(_ request: ServerRequest) async -> Response? {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard let name = parts.first, ["healthz", "livez", "readyz"].contains(name), parts.count <= 2 else {
            return nil
        }
        guard parts.count == 2 else { return await all(String(name), request) }
        guard let check = Check(rawValue: parts.last.map(String.init) ?? "") else { return nil }
        return await passes(check)
            ? .text("ok") : .text("internal server error: \(check.rawValue) failed\n", status: 500)
    }

    private func all(_ name: String, _ request: ServerRequest) async -> Response {
        let excluded = request.query["exclude"]
        var (lines, hasFailed) = ("", false)
        for check in Check.allCases {
            if check.rawValue == excluded {
                lines += "[+]\(check.rawValue) excluded: ok\n"
            } else if await passes(check) {
                lines += "[+]\(check.rawValue) ok\n"
            } else {
                lines += "[-]\(check.rawValue) failed: reason withheld\n"
                hasFailed = true
            }
        }
        guard !hasFailed else { return .text("\(lines)\(name) check failed\n", status: 500) }
        return .text(request.query.isTrue("verbose") ? "\(lines)\(name) check passed\n" : "ok")
    }

    private func passes(_ check: Check) async -> Bool {
        switch check {
        case .ping: return true
        case .store:
            do {
                _ = try await store.currentRevision()
                return true
            } catch {
                return false
            }
        }
    }
}
