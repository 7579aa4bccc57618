internal import ArgumentParser
internal import EmbeddedCluster

struct ClusterStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the cluster that runs from the folder, and wait until it has.")

    @OptionGroup var folderOptions: ClusterFolderOptions
    @OptionGroup(title: "Output") var global: GlobalOptions

    func run() async throws {
        let folder = ClusterFolder(ClusterFolder.path(folderOptions.dir, environment: processEnvironment()))
        guard try folder.isRunning() else {
            if !global.quiet { print("no cluster runs from \(folder.path)") }
            return
        }
        try await folder.waitUntilReady()
        guard let instance = ClusterInstance(folder: folder) else { return }
        instance.terminate()
        guard try await folder.waitUntilStopped(for: .seconds(30)) else {
            throw CommandError(
                status: .busy,
                description:
                    "the cluster of \(folder.path) (process \(instance.processIdentifier)) did not stop within "
                    + "30 seconds; end that process")
        }
        if !global.quiet { print("stopped the cluster of \(folder.path)") }
    }
}
