@testable import EmbeddedCluster
import Foundation
import GRDB
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

/// Stores that are full, damaged, or incomplete.
@Suite(.timeLimit(.minutes(20))) struct HostileStoreTests {
    @Test func aFullDiskStopsWritesAndNothingElse() async throws {
        try await withTestCluster { cluster in
            let value = JSON.string(String(repeating: "eHh4", count: 10_000))
            func create(_ name: String) async throws -> TestCluster.Answer {
                try await cluster.send("POST", secrets, ["metadata": ["name": .string(name)], "data": ["k": value]])
            }
            #expect(try await create("before").status == 201)
            // SQLite says of a file that may not grow what it says of a disk that is full.
            let allowed = try await cluster.store.pool.writeWithoutTransaction { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                return try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages + 4)") ?? 0
            }
            #expect(allowed > 0)
            var kept = 1
            var refused: TestCluster.Answer?
            for number in 0..<20 where refused == nil {
                let answer = try await create("s\(number)")
                if answer.status == 201 { kept += 1 } else { refused = answer }
            }
            let answer = try #require(refused)
            #expect(answer.status == 500)
            #expect(
                try answer.json["message"]?.string
                    == "the disk that the cluster's store lies on is full; nothing was written")
            #expect(try await cluster.goesOn(secrets: kept))
            #expect(try await cluster.send("GET", "\(secrets)/before").status == 200)
            try await cluster.store.pool.writeWithoutTransaction { database in
                _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = 1073741823")
            }
            #expect(try await create("after").status == 201)
            #expect(try await cluster.goesOn(secrets: kept + 1))
        }
    }

    /// On a disk that is full indeed, where the system lets one be made.
    @Test func aDiskThatIsFullIsSaidAndComesBack() async throws {
        try await withTemporaryFolder { path in
            let (disk, home) = ("\(path)/disk", "\(path)/home")
            try PrivateFile.createFolder(disk)
            try PrivateFile.createFolder(home)
            guard let mount = Program.onPath("mount", home: home), let unmount = Program.onPath("umount", home: home),
                try await mount("-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", disk).status == 0
            else { return }
            do {
                let folder = ClusterFolder("\(disk)/cluster")
                try PrivateFile.createFolder(folder.path)
                try PrivateFile.write([UInt8](repeating: 1, count: 1 << 20), to: "\(disk)/ballast")
                let store = try await Store.open(folder.storePath)
                var written = 0
                let error = await #expect(throws: DatabaseError.self) {
                    for number in 0..<500 {
                        try await store.add("s\(number)", value: String(repeating: "x", count: 9000))
                        written += 1
                    }
                }
                #expect(error?.isDiskFull == true)
                #expect(try await store.names(ListQuery(resource: "secrets")).count == written)
                let other = ClusterFolder("\(disk)/other")
                let refusal = await #expect(throws: EmbeddedClusterError.self) {
                    let configuration = EmbeddedClusterConfiguration(folder: other, logger: quietLogger)
                    try await runEmbeddedCluster(configuration) { _ in }
                }
                #expect(refusal?.description.contains(other.path) == true)
                try FolderTree.remove("\(disk)/ballast")
                try await store.add("after")
                #expect(try await store.names(ListQuery(resource: "secrets")).count == written + 1)
                try store.close()
            } catch {
                _ = try await unmount("-l", disk)
                throw error
            }
            #expect(try await unmount("-l", disk).status == 0)
        }
    }

    @Test func aStoreThatWasCutOffIsNamed() async throws {
        try await withDamagedStore { bytes in bytes.removeLast(bytes.count / 2) }
    }

    @Test func aStoreWhoseFirstPageIsGoneIsNamed() async throws {
        try await withDamagedStore { bytes in bytes.replaceSubrange(0..<4096, with: repeatElement(0, count: 4096)) }
    }

    @Test func aStoreWithAnOverwrittenHeaderIsNamed() async throws {
        try await withDamagedStore { bytes in
            for index in 0..<16 { bytes[index] = UInt8(ascii: "x") }
        }
    }

    @Test func aStoreWithADamagedPageInTheMiddleIsNamed() async throws {
        try await withDamagedStore { bytes in
            let page = bytes.count / 4096 / 2 * 4096
            for index in page..<page + 4096 { bytes[index] = 0xA5 }
        }
    }

    @Test func damageWhileRunningIsSaid() async throws {
        try await withTestCluster { cluster in
            for number in 0..<40 {
                try await cluster.store.add(
                    "s\(number)", namespace: "default", value: String(repeating: "x", count: 9000))
            }
            try await cluster.store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            // The first pages hold the schema and what every request needs.
            let intact = 12 * 4096
            let file = try #require(FileHandle(forUpdatingAtPath: cluster.store.path))
            let size = try file.seekToEnd()
            try file.seek(toOffset: UInt64(intact))
            try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - intact))
            try file.close()
            let answer = try await cluster.send("GET", "\(secrets)/s1")
            #expect(answer.status == 500)
            #expect(
                try answer.json["message"]?.string
                    == "the cluster's store is damaged; stop the cluster and put a copy of it back")
            #expect(try await cluster.send("GET", "/version").status == 200)
        }
    }

    @Test func aLogThatIsMissingAfterAKillIsNamed() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            let store = try await Store.open(folder.storePath)
            try await store.add("a")
            try store.close()
            try FolderTree.remove(folder.storeLogPath)
            try InstanceFile.write(folder, server: "https://127.0.0.1:1", startedAt: Timestamp(seconds: 0))
            let configuration = EmbeddedClusterConfiguration(folder: folder, logger: quietLogger)
            for _ in 0..<2 {
                let error = await #expect(throws: EmbeddedClusterError.self) {
                    try await runEmbeddedCluster(configuration) { _ in }
                }
                #expect(error?.code == .storeCorrupt)
                #expect(error?.description.contains(folder.storeLogPath) == true)
            }
            #expect(exists(folder.storePath))
        }
    }

    /// Makes a store, has it damaged, and expects that a cluster refuses to start with it and leaves it alone.
    private func withDamagedStore(_ damage: (inout [UInt8]) -> Void) async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            let store = try await Store.open(folder.storePath)
            for number in 0..<60 { try await store.add("s\(number)", value: String(repeating: "x", count: 3000)) }
            try store.close()
            var bytes = try PrivateFile.read(folder.storePath)
            damage(&bytes)
            try PrivateFile.write(bytes, to: folder.storePath)
            let configuration = EmbeddedClusterConfiguration(folder: folder, logger: quietLogger)
            let error = await #expect(throws: EmbeddedClusterError.self) {
                try await runEmbeddedCluster(configuration) { _ in Issue.record("it started") }
            }
            #expect(error?.description.contains(folder.storePath) == true, "\(error.map(\.description) ?? "")")
            // SQLite counts in the header that it was opened; what else there is to rescue is untouched.
            #expect(try PrivateFile.read(folder.storePath).dropFirst(4096).starts(with: bytes.dropFirst(4096)))
        }
    }
}
