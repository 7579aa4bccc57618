import CLibrary
import LocalFiles
import TestScopes
import Testing

@Suite struct FileLockTests {
    @Test func excludesAndIsReleased() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/lock"
            #expect(try isTaken(path, .exclusive) == false)
            guard let held = try FileLock.attempt(path, .exclusive) else {
                Issue.record("the free lock was not taken")
                return
            }
            #expect(try isTaken(path, .shared) == true)
            held.release()
            #expect(try isTaken(path, .exclusive) == false)
        }
    }

    @Test func isSharedAmongReaders() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/lock"
            guard let held = try FileLock.attempt(path, .shared) else {
                Issue.record("the free lock was not taken")
                return
            }
            #expect(try isTaken(path, .shared) == false)
            #expect(try isTaken(path, .exclusive) == true)
            held.release()
        }
    }

    @Test func waitingEndsWhenTheTaskIsCancelled() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/lock"
            guard let held = try FileLock.attempt(path, .exclusive) else { return }
            let waiting = Task { try await FileLock.waiting(path, .shared).release() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            held.release()
        }
    }

    private func isTaken(_ path: String, _ mode: FileLock.Mode) throws -> Bool {
        guard let lock = try FileLock.attempt(path, mode) else { return true }
        lock.release()
        return false
    }
}

@Suite struct PrivateFileTests {
    @Test func onlyTheOwnerMayRead() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.createFolder("\(folder)/a/b")
            try PrivateFile.write("secret", to: "\(folder)/a/b/c")
            #expect(mode("\(folder)/a") == 0o700)
            #expect(mode("\(folder)/a/b/c") == 0o600)
            try PrivateFile.write("new", to: "\(folder)/a/b/c")
            #expect(try text(of: "\(folder)/a/b/c") == "new")
            #expect(try FolderTree.entries(of: "\(folder)/a/b") == ["c"])
        }
    }

    @Test func saysWhichFileCannotBeRead() async throws {
        let error = #expect(throws: FileError.self) { try PrivateFile.read("/nowhere/at/all") }
        #expect("\(try #require(error))" == "cannot read /nowhere/at/all: No such file or directory")
    }

    @Test func aFolderThatOthersMayWriteToIsNotUsed() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.createFolder("\(folder)/open")
            chmod("\(folder)/open", 0o777)
            #expect(throws: FileError.self) { try PrivateFile.createFolder("\(folder)/open") }
            try PrivateFile.createFolder("\(folder)/open/own")
            try PrivateFile.createFolder("\(folder)/open/own")
        }
    }

    @Test func aFileInTheWayOfAFolderIsAnError() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.write("", to: "\(folder)/file")
            #expect(throws: FileError.self) { try PrivateFile.createFolder("\(folder)/file/below") }
        }
    }

    private func mode(_ path: String) -> mode_t {
        var information = stat()
        return lstat(path, &information) == 0 ? information.st_mode & 0o777 : 0
    }
}

@Suite struct FolderTreeTests {
    @Test func removesLinksAndNotWhatTheyLeadTo() async throws {
        try await withTemporaryFolder { folder in
            try write(["kept/file": "x", "gone/sub/file": "y"], below: folder)
            #expect(symlink("\(folder)/kept", "\(folder)/gone/link") == 0)
            chmod("\(folder)/gone/sub", 0o500)
            try FolderTree.remove("\(folder)/gone")
            #expect(try FolderTree.entries(of: folder) == ["kept"])
            #expect(try text(of: "\(folder)/kept/file") == "x")
            try FolderTree.remove("\(folder)/gone")
        }
    }
}

@Suite struct UserFoldersTests {
    @Test func followTheSpecification() {
        let folders = UserFolders(environment: [
            "HOME": "/home/u", "XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "relative",
        ])
        #expect(folders.cache == "/home/u/.cache/stowage")
        #expect(folders.data == "/data/stowage")
        #expect(folders.state == "/home/u/.local/state/stowage")
    }

    @Test func doWithoutAHome() {
        #expect(
            UserFolders(environment: ["TMPDIR": "/scratch"]).cache == "/scratch/stowage-\(geteuid())/.cache/stowage")
    }
}
