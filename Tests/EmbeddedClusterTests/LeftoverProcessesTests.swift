@testable import EmbeddedCluster
import Foundation
import LocalFiles
import TestScopes
import Testing

#if os(Linux)
    @Suite(.timeLimit(.minutes(20))) struct LeftoverProcessesTests {
        @Test func whatAServerThatWasKilledLeftIsEnded() async throws {
            try await withTemporaryFolder { path in
                let uid = UUID().uuidString.lowercased()
                let folder = PodFolder(ClusterFolder(path), uid: uid)
                // One is known by its environment, the other by its session.
                let session = Program(
                    "/usr/bin/setsid", environment: ["PATH": "/usr/bin:/bin", "STOWAGE_POD_UID": uid])
                let result = try await session.whileRunning(
                    ["/bin/sh", "-c", "sleep 1000 & env -u STOWAGE_POD_UID sleep 1001 & wait; wait"]
                ) { process in
                    try LeftoverProcesses.note(process, "main", in: folder)
                    #expect(LeftoverProcesses.end(ofPods: ["another": PodFolder(ClusterFolder(path), uid: "x")]) == 0)
                    #expect(LeftoverProcesses.end(ofPods: [uid: folder]) >= 1)
                }
                #expect(result.status == 137)
                #expect(LeftoverProcesses.end(ofPods: [uid: folder]) == 0)
            }
        }
    }
#endif
