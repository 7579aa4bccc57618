import CLibrary
import LocalFiles
import StateStorage
import TestScopes
import Testing

@testable import Runner

/// What `init` leaves is kept where another `init` would leave the same, and nowhere else.
@Suite struct InitialisationTests {
    private static let package = "registry.terraform.io/acme/fake/1.0.0/linux_amd64"
    private static let environment = "4b41bf32-b337-93a4-ad65-1d565c5e25be"

    /// A run of its own of the same module, with what the engine is given.
    private func run(_ name: String, in home: String, module: [String: String] = [:]) throws -> WorkingFolder {
        let path = "\(home)/runs/\(name)"
        let root = "\(path)/root/home/module"
        try PrivateFile.createFolder("\(path)/plugins/\(Self.package)")
        var files = ["main.tf": "module \"part\" { source = \"./part\" }", "part/main.tf": "locals {}"]
        files.merge(module) { $1 }
        try write(files, below: root)
        return WorkingFolder(path: path, module: root, configurationFolders: [root])
    }

    private func initialisation(of folder: WorkingFolder, in home: String, secrets: [String] = []) throws
        -> Initialisation
    {
        try PrivateFile.write("#!/bin/sh\n", to: "\(home)/terraform")
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        utimensat(AT_FDCWD, "\(home)/terraform", &times, 0)
        return try Initialisation(
            of: try EnvironmentID(Self.environment), in: folder, engine: Engine(path: "\(home)/terraform"),
            cache: "\(home)/cache", hadLockFile: FileKind(of: "\(folder.module)/.terraform.lock.hcl") == .file,
            secrets: secrets)
    }

    /// What an engine leaves.
    private func initialise(_ folder: WorkingFolder, source: String = "./part", hasPackage: Bool = false) throws {
        let path = "\(folder.module)/.terraform"
        try write(
            [
                "terraform.tfstate": #"{"backend":{"hash":1}}"#,
                "modules/modules.json": """
                {"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"part","Source":"\(source)","Dir":"part"}]}
                """,
            ], below: path)
        guard hasPackage else { return }
        try PluginCache.link("\(folder.pluginsPath)/\(Self.package)", at: "\(path)/providers/\(Self.package)")
    }

    private func isKept(
        in home: String, module: [String: String] = [:], secrets: [String] = [],
        _ initialise: (WorkingFolder) throws -> Void
    ) throws -> Bool {
        let folder = try run("first", in: home, module: module)
        let first = try initialisation(of: folder, in: home, secrets: secrets)
        try initialise(folder)
        try first.keep()
        return try initialisation(of: try run("second", in: home, module: module), in: home).restore() != nil
    }

    @Test func whatNobodyUsedForAMonthGoes() async throws {
        try await withTemporaryFolder { home in
            let folder = "\(home)/cache/initialisations"
            try write(["old.json": "", "unused.json": "", "recent.json": ""], below: folder)
            func age(_ name: String, days: Int) {
                let times = [timespec](repeating: timespec(tv_sec: time(nil) - days * 86_400, tv_nsec: 0), count: 2)
                utimensat(AT_FDCWD, "\(folder)/\(name)", times, 0)
            }
            age("old.json", days: 31)
            age("unused.json", days: 29)
            let first = try run("first", in: home)
            let initialisation = try initialisation(of: first, in: home)
            try initialise(first)
            try initialisation.keep()
            let kept = Set(try FolderTree.entries(of: folder))
            let own = try #require(kept.subtracting(["unused.json", "recent.json"]).first)
            #expect(kept.count == 3)
            // Used, it is as new.
            age(own, days: 31)
            #expect(try self.initialisation(of: try run("second", in: home), in: home).restore() != nil)
            KeptFiles.sweep(folder)
            #expect(Set(try FolderTree.entries(of: folder)) == kept)
        }
    }

    @Test func theNextRunFindsWhatInitLeft() async throws {
        try await withTemporaryFolder { home in
            let lock = [".terraform.lock.hcl": "provider"]
            let isKept = try isKept(in: home, module: lock) { try initialise($0, hasPackage: true) }
            #expect(isKept)
            let path = "\(home)/runs/second/root/home/module/.terraform"
            #expect(try PrivateFile.read("\(path)/terraform.tfstate") == Array(#"{"backend":{"hash":1}}"#.utf8))
            #expect(FileKind(of: "\(path)/modules/modules.json") == .file)
            #expect(
                FileKind(of: "\(path)/providers/\(Self.package)")
                    == .link(target: "\(home)/runs/second/plugins/\(Self.package)"))
        }
    }

    @Test func aModuleFromElsewhereMayHaveChanged() async throws {
        try await withTemporaryFolder { home in
            let isKept = try isKept(in: home) { try initialise($0, source: "git::https://example.com/part") }
            #expect(!isKept)
        }
    }

    @Test func withoutALockFileAProviderMayHaveANewerVersion() async throws {
        try await withTemporaryFolder { home in
            let isKept = try isKept(in: home) { try initialise($0, hasPackage: true) }
            #expect(!isKept)
        }
    }

    @Test func aSecretOfTheRunIsKeptNowhere() async throws {
        try await withTemporaryFolder { home in
            let isKept = try isKept(in: home, secrets: [#""hash":1"#]) { try initialise($0) }
            #expect(!isKept)
            #expect(FileKind(of: "\(home)/cache/initialisations") == .missing)
        }
    }

    @Test(arguments: ["main.tf", "part/main.tf", "new.tf.json", ".terraform.lock.hcl"])
    func anotherConfigurationIsInitialisedAnew(_ changed: String) async throws {
        try await withTemporaryFolder { home in
            let folder = try run("first", in: home)
            let first = try initialisation(of: folder, in: home)
            try initialise(folder)
            try first.keep()
            let other = try run("second", in: home, module: [changed: "# another"])
            #expect(try initialisation(of: other, in: home).restore() == nil)
            #expect(FileKind(of: "\(other.module)/.terraform") == .missing)
            #expect(try initialisation(of: try run("third", in: home), in: home).restore() != nil)
        }
    }

    @Test func anotherEngineInTheSamePlaceIsAnother() async throws {
        try await withTemporaryFolder { home in
            let folder = try run("first", in: home)
            _ = try initialisation(of: folder, in: home)
            let digest = try InitialisationInputs(engine: Engine(path: "\(home)/terraform"), folder: folder).digest()
            try PrivateFile.write("#!/bin/bash\n", to: "\(home)/terraform")
            #expect(
                try InitialisationInputs(engine: Engine(path: "\(home)/terraform"), folder: folder).digest() != digest)
        }
    }

    @Test func aPackageThatIsGoneIsInstalledAgain() async throws {
        try await withTemporaryFolder { home in
            let lock = [".terraform.lock.hcl": "provider"]
            let folder = try run("first", in: home, module: lock)
            let first = try initialisation(of: folder, in: home)
            try initialise(folder, hasPackage: true)
            try first.keep()
            let second = try run("second", in: home, module: lock)
            try FolderTree.remove(second.pluginsPath)
            #expect(try initialisation(of: second, in: home).restore() == nil)
            #expect(FileKind(of: "\(second.module)/.terraform") == .missing)
        }
    }

    @Test func whatIsDiscardedIsNotFoundAgain() async throws {
        try await withTemporaryFolder { home in
            #expect(try isKept(in: home) { try initialise($0) })
            let folder = try run("third", in: home)
            let third = try initialisation(of: folder, in: home)
            #expect(try third.restore() != nil)
            try third.discard()
            #expect(try FolderTree.entries(of: "\(folder.module)/.terraform") == [])
            #expect(try third.restore() == nil)
        }
    }
}
