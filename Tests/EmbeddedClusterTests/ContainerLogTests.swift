@testable import EmbeddedCluster
import TestScopes
import Testing

private let now = Timestamp(seconds: 1_800_000_000)

private func options(_ query: String) throws -> PodLogOptions { try PodLogOptions(QueryParameters(query), now: now) }

private func text(_ log: ContainerLog, _ query: String = "") async throws -> String {
    var bytes: [UInt8] = []
    try await LogReader(log: log, options: try options(query)).send { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
}

@Suite struct ContainerLogTests {
    @Test func givesBackWhatWasWritten() async throws {
        try await withTemporaryFolder { folder in
            let log = try ContainerLog(writing: folder, instance: 0)
            log.append("one\ntw".utf8, .standardOutput, at: now)
            log.append("bad\n".utf8, .standardError, at: now + .seconds(1))
            log.append("o\nlast".utf8, .standardOutput, at: now + .seconds(2))
            log.end(at: now + .seconds(3))
            #expect(try await text(log) == "one\nbad\ntwo\nlast")
            #expect(try await text(log, "tailLines=2") == "two\nlast")
            #expect(try await text(log, "tailLines=0") == "")
            #expect(try await text(log, "tailLines=99") == "one\nbad\ntwo\nlast")
            #expect(try await text(log, "limitBytes=5") == "one\nb")
            #expect(try await text(log, "sinceTime=2027-01-15T08:00:01Z") == "bad\ntwo\nlast")
            #expect(
                try await text(log, "timestamps=true&tailLines=3")
                    == """
                    2027-01-15T08:00:01.000000000Z bad
                    2027-01-15T08:00:02.000000000Z two
                    2027-01-15T08:00:03.000000000Z last
                    """)
            // As a server does that comes after the one that wrote it.
            let read = try #require(ContainerLog(reading: folder, instance: 0))
            #expect(try await text(read, "follow=true") == "one\nbad\ntwo\nlast")
            #expect(ContainerLog(reading: folder, instance: 1) == nil)
        }
    }

    @Test func keepsLongLinesInParts() async throws {
        try await withTemporaryFolder { folder in
            let log = try ContainerLog(writing: folder, instance: 0)
            let long = String(repeating: "x", count: 40_000)
            log.append("\(long)\nnext\n".utf8, .standardOutput, at: now)
            #expect(try await text(log) == "\(long)\nnext\n")
        }
    }

    @Test func forgetsTheOldestOfTooMuch() async throws {
        try await withTemporaryFolder { folder in
            let log = try ContainerLog(writing: folder, instance: 0)
            let chunk = Array(
                repeatElement(Array("0123456789012345678901234567890123456789\n".utf8), count: 1 << 14).joined())
            for _ in 0..<100 { log.append(chunk, .standardOutput, at: now) }
            log.append("end\n".utf8, .standardOutput, at: now)
            let kept = try await text(log)
            #expect(kept.hasSuffix("9\nend\n"))
            #expect(kept.utf8.count < 60 << 20)
            #expect(try await text(log, "tailLines=1") == "end\n")
        }
    }

    @Test func followersAreToldUntilTheEnd() async throws {
        try await withTemporaryFolder { folder in
            let log = try ContainerLog(writing: folder, instance: 0)
            log.append("before\n".utf8, .standardOutput, at: now)
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try await text(log, "follow=true") } }
                for number in 0..<20 {
                    await Task.yield()
                    log.append("\(number)\n".utf8, .standardOutput, at: now)
                }
                log.end(at: now)
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(texts == ["before\n" + (0..<20).map { "\($0)\n" }.joined()])
        }
    }

    @Test(
        arguments: [
            ("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"),
            ("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"),
            ("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"),
            (
                "sinceSeconds=1&sinceTime=2027-01-15T08:00:01Z",
                "at most one of `sinceTime` or `sinceSeconds` may be specified"
            ),
        ])
    func whatCannotBeAskedForIsRefused(_ query: String, _ message: String) throws {
        let error = #expect(throws: (any Error).self) { try options(query) }
        #expect("\(String(describing: error))".contains(message))
    }
}
