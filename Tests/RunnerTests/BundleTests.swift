import CLibrary
import LocalFiles
import TerraformState
import TestScopes
import Testing

@testable import Runner

/// What is sent of a module, and what arrives.
@Suite struct BundleTests {
    private static let files = [
        ".git/HEAD": "x", ".terraformignore": "*.log\nsecret/\n!secret/not.txt\n", "shared.txt": "shared",
        "live/app/main.tf":
            #"module "net" { source = "../../modules/net" } locals { x = file("${path.module}/../x.txt") }"#,
        "live/app/run.sh": "#!/bin/sh", "live/app/a.log": "no", "live/app/terraform.tfstate": "no",
        "live/app/.terraform/providers/big": "no", "live/x.txt": "x", "live/y.txt": "not referred to",
        "live/app/secret/key.txt": "no", "live/app/secret/not.txt": "yes",
        "modules/net/main.tf": #"module "deep" { source = "../deep" }"#, "modules/deep/main.tf": "",
        "modules/other/main.tf": "",
    ]

    private static func unpacked(_ bundle: Bundle, in home: String) throws -> String {
        let (folder, parts) = ("\(home)/parts", "\(home)/unpacked")
        try PrivateFile.createFolder(folder)
        for (index, part) in bundle.parts.enumerated() { try PrivateFile.write(part, to: "\(folder)/\(index)") }
        try BundleArchive(parts: bundle.parts.indices.map { "\(folder)/\($0)" }).unpack(into: parts)
        return parts
    }

    private static func allFiles(_ folder: String, _ prefix: String = "") throws -> [String] {
        try FolderTree.entries(of: folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            return FileKind(of: path) == .folder ? try allFiles(path, "\(prefix)\(name)/") : [prefix + name]
        }
    }

    @Test func aModuleGoesWithWhatItRefersToAndNothingElse() async throws {
        try await withTemporaryFolder { home in
            let project = "\(home)/project"
            try write(Self.files, below: project)
            #expect(chmod("\(project)/live/app/run.sh", 0o755) == 0)
            #expect(symlink("../x.txt", "\(project)/live/app/link") == 0)
            #expect(mkdir("\(project)/live/app/empty", 0o700) == 0)
            let bundle = try Bundle(module: "\(project)/live/app")
            #expect(bundle.module == "live/app")
            let unpacked = try Self.unpacked(bundle, in: home)
            #expect(
                try Self.allFiles(unpacked) == [
                    "live/app/link", "live/app/main.tf", "live/app/run.sh", "live/app/secret/not.txt", "live/x.txt",
                    "modules/deep/main.tf", "modules/net/main.tf",
                ])
            #expect(FileKind(of: "\(unpacked)/live/app/empty") == .folder)
            #expect(try text(of: "\(unpacked)/live/app/link") == "x")
            #expect(access("\(unpacked)/live/app/run.sh", X_OK) == 0)
            #expect(access("\(unpacked)/live/x.txt", X_OK) != 0)
            // Another time, the same bytes.
            var times = [timeval(tv_sec: 1000, tv_usec: 0), timeval(tv_sec: 1000, tv_usec: 0)]
            #expect(utimes("\(project)/live/x.txt", &times) == 0)
            #expect(try Bundle(module: "\(project)/live/app").parts == bundle.parts)
        }
    }

    @Test func whatLiesOutsideIsRefused() async throws {
        try await withTemporaryFolder { home in
            try write(Self.files, below: "\(home)/project")
            let error = #expect(throws: BundleError.self) {
                try Bundle(module: "\(home)/project/live/app", root: "\(home)/project/live")
            }
            #expect(error?.code == .outside)
            #expect(error?.description.contains("--bundle-root") == true)
            let other = #expect(throws: BundleError.self) {
                try Bundle(module: "\(home)/project/live/app", root: "\(home)/project/modules")
            }
            #expect(other?.code == .module)
        }
    }

    @Test(arguments: ["/etc/hosts", "../../../x", "../modules/other", "sub/../../../up"])
    func linksThatLeaveAreRefused(_ target: String) async throws {
        try await withTemporaryFolder { home in
            try write(["project/.git/x": "", "project/app/main.tf": "", "project/modules/other/x": ""], below: home)
            #expect(symlink(target, "\(home)/project/app/link") == 0)
            let error = #expect(throws: BundleError.self) { try Bundle(module: "\(home)/project/app") }
            #expect(error?.code == .link)
            #expect(error?.description.contains("app/link → \(target)") == true)
        }
    }

    @Test func aBundleThatIsTooLargeNamesItsLargestFiles() async throws {
        try await withTemporaryFolder { home in
            try write(["main.tf": ""], below: home)
            let noise = (0..<(33 << 17)).flatMap { _ in
                withUnsafeBytes(of: UInt64.random(in: 0 ... .max)) { Array($0) }
            }
            try PrivateFile.write(noise, to: "\(home)/movie.bin")
            let error = #expect(throws: BundleError.self) { try Bundle(module: home, root: home) }
            #expect(error?.code == .tooLarge)
            #expect(error?.description.contains("movie.bin (33792 KiB)") == true)
        }
    }

    @Test func aLargeBundleComesInParts() async throws {
        try await withTemporaryFolder { home in
            let noise = (0..<(5 << 16)).flatMap { _ in
                withUnsafeBytes(of: UInt64.random(in: 0 ... .max)) { Array($0) }
            }
            try PrivateFile.createFolder("\(home)/module")
            try PrivateFile.write(noise, to: "\(home)/module/noise")
            let bundle = try Bundle(module: "\(home)/module")
            #expect(bundle.parts.count == 3)
            #expect(bundle.parts.allSatisfy { $0.count <= 1 << 20 })
            #expect(try PrivateFile.read("\(try Self.unpacked(bundle, in: home))/noise") == noise)
        }
    }

    private static func archive(_ blocks: [UInt8]...) -> [UInt8] {
        Gzip.compress(blocks.flatMap(\.self) + TarFormat.end)
    }

    private static func file(_ name: String) -> [UInt8] {
        TarFormat.header(of: name, size: 1, modified: 0) + [65] + TarFormat.padding(after: 1)
    }

    @Test(arguments: [
        archive(file("../x")), archive(file("/etc/x")), archive(file("a/../../x")), archive(file("a//x")),
        archive(file("./x")), archive(TarFormat.link("l", to: "/etc")), archive(TarFormat.link("l", to: "../x")),
        archive(TarFormat.link("a/l", to: "b/../../../x")),
        archive(TarFormat.link("l", to: "a"), TarFormat.folder("a"), file("l/x")), archive(file("x"), file("x")),
        archive(file("x"), TarFormat.link("x", to: "y")), Array(archive(file("x")).dropLast(20)), [1, 2, 3], [],
        Gzip.compress(file("x")),
    ])
    func whatWasMadeToDoHarmIsRefused(_ archive: [UInt8]) async throws {
        try await withTemporaryFolder { home in
            try PrivateFile.write(archive, to: "\(home)/part")
            let error = #expect(throws: BundleError.self) {
                try BundleArchive(parts: ["\(home)/part"]).unpack(into: "\(home)/deep/inside/unpacked")
            }
            #expect(error?.code == .damaged)
            #expect(!exists("\(home)/deep/inside/x"))
            #expect(!exists("\(home)/deep/inside/unpacked.tar"))
        }
    }

    /// Examples of Terraform's documentation of the file, and of gitignore(5) where it follows that.
    @Test(arguments: [
        ("*.log", "a/b.log", true), ("*.log", "a.log", true), ("*.log", "a.log.txt", false),
        ("/a.log", "a.log", true), ("/a.log", "b/a.log", false), ("build/", "build/x/y", true),
        ("build/", "a/build/x", true), ("build/", "build", false), ("/build/", "a/build/x", false),
        ("a/**/z", "a/z", true), ("a/**/z", "a/b/c/z", true), ("a?c", "abc", true), ("a?c", "a/c", false),
        ("[ab].txt", "b.txt", true), ("[a-c].txt", "c.txt", true), ("[^a].txt", "a.txt", false), ("\\*", "*", true),
        ("\\*", "x", false), ("# *", "x", false), ("*\n!keep", "keep", false), ("*\n!keep\nkeep", "keep", true),
        ("  x  ", "x", true), ("", "x", false), ("!", "x", false), ("a.c", "abc", false),
    ])
    func ignoreRulesAreTerraforms(_ rules: String, _ path: String, _ isLeftOut: Bool) {
        #expect(IgnoreRules(parsing: rules).verdict(path).isLeftOut == isLeftOut)
    }
}
