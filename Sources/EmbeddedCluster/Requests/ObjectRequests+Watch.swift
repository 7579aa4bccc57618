internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore

extension ObjectRequests {
    func watch() async throws -> Response {
        let form = try WatchForm(request, kind, now: asker.now)
        let options = try WatchOptions(request.query, revision: try wantedRevision(), times: watchTimes)
        let fields = try fieldSelector()
        var query = try scope(fields)
        query.metadataOnly = form.isMetadata && fields.isExact
        let stream = WatchStream(
            store: store, scope: WatchScope(kind, query, fields: fields), query: query, options: options,
            // Before the client hears that the watch has begun, so that nothing it does then is missed.
            current: try await store.currentRevision(), times: watchTimes, form: form,
            framing: try WatchFraming(request),
            failure: failure)
        return Response(
            status: .ok,
            // A connection on which a watch was is not used again: its end was waited for all along.
            headers: [
                .contentType: stream.framing.contentType, .cacheControl: "no-cache, private", .connection: "close",
            ],
            body: stream.body(for: request.body))
    }
}

/// Writes a watch as the body of an answer: each event as soon as it is there, and no faster than it is read.
private struct WatchStream: Sendable {
    let store: Store
    let scope: WatchScope
    let query: ListQuery
    let options: WatchOptions
    let current: Int64
    let times: WatchTimes
    let form: WatchForm
    let framing: WatchFraming
    let failure: @Sendable (any Error) -> Status

    func body(for request: RequestBody) -> ResponseBody {
        ResponseBody { writer in
            let signal = WatchSignal()
            // Nothing is written while nothing happens, so that only this tells that the client has gone.
            try await request.consumeWithInboundCloseHandler { _ in
                try await withThrowingTaskGroup(of: Void.self) { timers in
                    timers.addTask { await raiseInTime(signal) }
                    defer { timers.cancelAll() }
                    try await write(to: &writer, signal)
                }
            } onInboundClosed: {
                signal.raise(.stop)
            }
            try await writer.finish(nil)
        }
    }

    private func write(to writer: inout any ResponseBodyWriter, _ signal: WatchSignal) async throws {
        var watch = Watch(
            store, scope, query: query, start: options.start, current: current, hasBookmarks: options.hasBookmarks,
            signal: signal)
        defer { watch.end() }
        var form = form
        while let events = try await events(of: &watch) {
            let now = store.clock.now()
            var buffer = ByteBuffer()
            for event in events { try framing.write(event, try form.object(of: event, now: now), to: &buffer) }
            if buffer.readableBytes > 0 { try await writer.write(buffer) }
        }
    }

    /// The answer has begun, so that errors are events, too.
    private func events(of watch: inout Watch) async throws -> [WatchEvent]? {
        do {
            return try await watch.next()
        } catch ListFailure.compacted(let revision, let oldest) {
            return watch.fail(.expired(revision, oldest: oldest))
        } catch {
            return watch.fail(failure(error))
        }
    }

    private func raiseInTime(_ signal: WatchSignal) async {
        let end = ContinuousClock.now + options.timeout
        while !Task.isCancelled {
            let next = options.hasBookmarks ? min(end, .now + times.bookmarkInterval) : end
            try? await Task.sleep(until: next, clock: .continuous)
            signal.raise(next == end ? .timeout : .bookmark)
            if next == end { return }
        }
    }
}
