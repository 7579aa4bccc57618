import CLibrary
import LocalFiles
import StateStorage
import TestScopes
import Testing

@testable import Runner

@Suite struct LocalModuleReferencesTests {
    @Test(
        arguments: [
            (#"module "a" { source = "../a" }"#, ["../a"]), (#"source="./b""#, ["./b"]),
            (#"{"module":{"x":{"source": "../../c"}}}"#, ["../../c"]), (#"source = "hashicorp/consul/aws""#, []),
            (#"source = "git::https://x/../y""#, []), (#"resource = "../a""#, []),
        ] as [(String, [String])])
    func readsSources(_ configuration: String, _ expected: [String]) {
        #expect(LocalModuleReferences.sources(in: configuration) == expected)
    }

    @Test func followsThemThroughEachOther() async throws {
        try await withTemporaryFolder { folder in
            try write(
                [
                    "live/app/main.tf": #"module "n" { source = "../../modules/net" }"#,
                    "live/app/sub/x.tf": #"module "s" { source = "../../../modules/net/inner" }"#,
                    "modules/net/main.tf": #"module "b" { source = "../base" }"#,
                    "modules/net/inner/main.tf": "", "modules/base/main.tf": "", "modules/unused/main.tf": "",
                ], below: folder)
            #expect(
                try LocalModuleReferences().folders(of: "\(folder)/live/app")
                    == ["\(folder)/modules/base", "\(folder)/modules/net"])
        }
    }
}

@Suite struct FolderMirrorTests {
    /// A mirror of `live/app` in a folder with neighbours.
    private func withMirror(
        _ files: [String: String], copied: [String] = ["live/app"], links: [(String, to: String)] = [],
        _ body: (_ folder: String, _ mirror: FolderMirror) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try write(files, below: "\(folder)/user")
            for link in links {
                let target = link.to.replacing("$USER", with: "\(folder)/user")
                #expect(symlink(target, "\(folder)/user/\(link.0)") == 0)
            }
            let mirror = FolderMirror(root: "\(folder)/mirror", copied: copied.map { "\(folder)/user/\($0)" })
            try mirror.build()
            try body("\(folder)/user", mirror)
        }
    }

    @Test func neighboursAreWhereTheyAreInPlace() async throws {
        try await withMirror(["live/app/main.tf": "a", "modules/net/main.tf": "n", "top.txt": "t"]) {
            (folder, mirror) throws in
            let module = mirror.path(of: "\(folder)/live/app")
            #expect(try text(of: "\(module)/main.tf") == "a")
            #expect(try text(of: "\(module)/../../modules/net/main.tf") == "n")
            #expect(try text(of: "\(module)/../../top.txt") == "t")
        }
    }

    @Test func writesStayInTheCopy() async throws {
        try await withMirror(["live/app/main.tf": "a", "live/app/sub/data.txt": "d"]) { (folder, mirror) throws in
            let module = mirror.path(of: "\(folder)/live/app")
            try PrivateFile.write("changed", to: "\(module)/sub/data.txt")
            try PrivateFile.write("new", to: "\(module)/sub/new.txt")
            #expect(try text(of: "\(folder)/live/app/sub/data.txt") == "d")
            #expect(try FolderTree.entries(of: "\(folder)/live/app/sub") == ["data.txt"])
        }
    }

    @Test func linksLeadWhereTheyLeadInPlaceButNotBackIntoTheModule() async throws {
        try await withMirror(
            ["live/app/main.tf": "a", "shared/common.tf": "c"],
            links: [
                ("live/app/common.tf", to: "../../shared/common.tf"),
                ("live/app/self.tf", to: "$USER/live/app/main.tf"),
                ("live/app/outside.tf", to: "$USER/shared/common.tf"), ("live/app/broken", to: "nowhere"),
            ]
        ) { (folder, mirror) throws in
            let module = mirror.path(of: "\(folder)/live/app")
            #expect(try text(of: "\(module)/common.tf") == "c")
            #expect(try text(of: "\(module)/outside.tf") == "c")
            #expect(FileKind(of: "\(module)/self.tf") == .link(target: "\(module)/main.tf"))
            #expect(FileKind(of: "\(module)/broken") == .link(target: "nowhere"))
        }
    }

    @Test func enginesOwnFilesAreLeftOut() async throws {
        try await withMirror([
            "live/app/main.tf": "a", "live/app/.terraform/x": "", "live/app/errored.tfstate": "",
            "live/app/.terraform.lock.hcl": "locks", "live/app/terraform.tfvars": "v", "live/app/.git/HEAD": "h",
        ]) { (folder, mirror) throws in
            let module = mirror.path(of: "\(folder)/live/app")
            #expect(
                try FolderTree.entries(of: module) == [".git", ".terraform.lock.hcl", "main.tf", "terraform.tfvars"])
            #expect(FileKind(of: "\(module)/.git") == .link(target: "\(folder)/live/app/.git"))
        }
    }

    @Test func aModuleThatHoldsTheMirrorIsNotCopiedIntoItself() async throws {
        try await withTemporaryFolder { folder in
            try write(["main.tf": "a", "cache/stowage/old/main.tf": "b"], below: folder)
            let mirror = FolderMirror(
                root: "\(folder)/cache/stowage/runs/1/root", copied: [folder], excluded: ["\(folder)/cache/stowage"])
            try mirror.build()
            #expect(try FolderTree.entries(of: mirror.path(of: folder)) == ["cache", "main.tf"])
            #expect(try FolderTree.entries(of: mirror.path(of: "\(folder)/cache")) == [])
        }
    }

    @Test func keepsExecutableBitsAndTimes() async throws {
        try await withTemporaryFolder { folder in
            try write(["app/run.sh": "#!/bin/sh"], below: folder)
            chmod("\(folder)/app/run.sh", 0o500)
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
            utimensat(AT_FDCWD, "\(folder)/app/run.sh", &times, 0)
            let mirror = FolderMirror(root: "\(folder)/mirror", copied: ["\(folder)/app"])
            try mirror.build()
            var information = stat()
            #expect(stat(mirror.path(of: "\(folder)/app/run.sh"), &information) == 0)
            #expect(information.st_mode & 0o777 == 0o700)
            #expect(information.st_mtim.tv_sec == 1_000_000)
        }
    }
}

@Suite struct AbandonedFoldersTests {
    private static let deadProcess: Int32 = 0x7FFF_FFFF
    private let place = StatePlace(namespace: "states", server: "https://cluster.test")

    private func folders(_ folder: String) -> UserFolders {
        UserFolders(environment: ["XDG_CACHE_HOME": "\(folder)/cache", "XDG_STATE_HOME": "\(folder)/state"])
    }

    @Test func areRemovedAndTheirStatesRescued() async throws {
        try await withTemporaryFolder { folder in
            let run = "\(folder)/cache/stowage/runs/1"
            try write(["lock": "", "root/m/errored.tfstate": "state"], below: run)
            try EngineNote(
                processIdentifier: Self.deadProcess, environment: "env",
                erroredStatePath: "\(run)/root/m/errored.tfstate", place: place
            ).write(in: run)
            let found = try AbandonedFolders.sweep(folders(folder))
            #expect(!exists(run))
            let rescued = try FolderTree.entries(of: "\(folder)/state/stowage/errored")
            #expect(rescued.count == 1)
            #expect(rescued.first?.hasPrefix("env-") == true)
            #expect(try text(of: "\(folder)/state/stowage/errored/\(rescued[0])") == "state")
            #expect(found.map(\.path) == ["\(folder)/state/stowage/errored/\(rescued[0])"])
            #expect(found.first?.environment == "env" && found.first?.place == place)
        }
    }

    @Test func aLivingRunIsLeftAlone() async throws {
        try await withTemporaryFolder { folder in
            let run = "\(folder)/cache/stowage/runs/1"
            try write(["lock": ""], below: run)
            guard let lock = try FileLock.attempt("\(run)/lock", .exclusive) else { return }
            try AbandonedFolders.sweep(folders(folder))
            #expect(exists(run))
            lock.release()
        }
    }

    @Test func aLivingEngineIsLeftAlone() async throws {
        try await withTemporaryFolder { folder in
            let run = "\(folder)/cache/stowage/runs/1"
            try write(["lock": ""], below: run)
            try EngineNote(processIdentifier: getpid(), environment: "env", erroredStatePath: "/x", place: nil).write(
                in: run)
            try AbandonedFolders.sweep(folders(folder))
            #expect(exists(run))
        }
    }

    /// In a container nobody may reap an engine whose run was killed.
    @Test(.enabled(if: exists("/proc/self/stat"), "there is no /proc"))
    func anEngineThatOnlyWaitsToBeReapedIsDead() async throws {
        var process = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("600"), nil]
        defer { for argument in arguments { free(argument) } }
        #expect(posix_spawn(&process, "/bin/sleep", nil, nil, &arguments, environ) == 0)
        let note = EngineNote(processIdentifier: process, environment: "env", erroredStatePath: "/x", place: nil)
        #expect(note.isAlive)
        kill(process, SIGKILL)
        var information = siginfo_t()
        #expect(waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) == 0)
        #expect(kill(process, 0) == 0)
        #expect(!note.isAlive)
        var status: Int32 = 0
        #expect(waitpid(process, &status, 0) == process)
        #expect(!note.isAlive)
    }

    @Test func theEngineOfAKilledRunIsFound() async throws {
        try await withTemporaryFolder { folder in
            let environment = try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be")
            let (living, dead) = ("\(folder)/cache/stowage/runs/1", "\(folder)/cache/stowage/runs/2")
            for (run, process) in [(living, getpid()), (dead, Self.deadProcess)] {
                try write(["lock": ""], below: run)
                try EngineNote(
                    processIdentifier: process, environment: "\(environment)", erroredStatePath: "/x", place: nil
                ).write(in: run)
            }
            #expect(try AbandonedFolders.engine(of: environment, folders(folder)) == getpid())
            // One whose run lives, too, is no killed run's.
            guard let lock = try FileLock.attempt("\(living)/lock", .exclusive) else { return }
            #expect(try AbandonedFolders.engine(of: environment, folders(folder)) == nil)
            lock.release()
        }
    }
}

@Suite struct PluginCacheTests {
    private let package = "registry.terraform.io/hashicorp/null/3.2.0/linux_amd64"

    @Test func whatOneRunDownloadsTheNextOneFinds() async throws {
        try await withTemporaryFolder { folder in
            let first = PluginCache(shared: "\(folder)/shared", own: "\(folder)/first")
            try first.prepare()
            try write(["\(package)/provider": "binary"], below: first.own)
            try first.publish()
            #expect(try text(of: "\(first.own)/\(package)/provider") == "binary")
            let second = PluginCache(shared: "\(folder)/shared", own: "\(folder)/second")
            try second.prepare()
            #expect(try text(of: "\(second.own)/\(package)/provider") == "binary")
            try FolderTree.remove(first.own)
            #expect(try text(of: "\(second.own)/\(package)/provider") == "binary")
        }
    }

    @Test func runsAtTheSameMomentDoNotDisturbEachOther() async throws {
        try await withTemporaryFolder { folder in
            let caches = (0..<8).map { PluginCache(shared: "\(folder)/shared", own: "\(folder)/own\($0)") }
            for cache in caches {
                try cache.prepare()
                try write(["\(package)/provider": "binary"], below: cache.own)
            }
            try await withThrowingTaskGroup { group in
                for cache in caches { group.addTask { try await offloading { try cache.publish() } } }
                try await group.waitForAll()
            }
            for cache in caches { #expect(try text(of: "\(cache.own)/\(package)/provider") == "binary") }
            #expect(try text(of: "\(folder)/shared/\(package)/provider") == "binary")
        }
    }
}
