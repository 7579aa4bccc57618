import CLibrary
import LocalFiles
import Logging
import OrderedJSON
import StateStorage
import TestScopes
import Testing

@testable import Runner

@Suite struct EngineTests {
    private func withEngines(_ names: String..., body: (String) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            for name in names {
                try PrivateFile.write("#!/bin/sh\n", to: "\(folder)/\(name)")
                chmod("\(folder)/\(name)", 0o700)
            }
            try body(folder)
        }
    }

    @Test(arguments: ["terraform", "tofu"])
    func takesTheOnlyOneOnPath(_ name: String) async throws {
        try await withEngines(name) { (folder) throws in
            #expect(try Engine.resolve(nil, searchPath: "/nowhere:\(folder)").path == "\(folder)/\(name)")
        }
    }

    @Test func doesNotGuessBetweenTwo() async throws {
        try await withEngines("terraform", "tofu") { (folder) throws in
            let error = #expect(throws: RunError.self) { try Engine.resolve(nil, searchPath: folder) }
            #expect(error?.code == .engineAmbiguous)
            #expect(try Engine.resolve("tofu", searchPath: folder).path == "\(folder)/tofu")
        }
    }

    @Test(arguments: [nil, "tofu", "/nowhere/tofu"] as [String?])
    func saysThatThereIsNone(_ name: String?) {
        let error = #expect(throws: RunError.self) { try Engine.resolve(name, searchPath: "/nowhere") }
        #expect(error?.code == .engineMissing)
    }

    @Test func saysWhereToGetOne() {
        let error = #expect(throws: RunError.self) { try Engine.resolve(nil, searchPath: "") }
        #expect(error?.description.contains("https://opentofu.org") == true)
        #expect(error?.description.contains("https://developer.hashicorp.com") == true)
    }

    @Test func aPathIsKeptAsItWasGiven() async throws {
        try await withEngines("terraform") { (folder) throws in
            #expect(symlink("\(folder)/terraform", "\(folder)/tofu") == 0)
            #expect(try Engine.resolve("\(folder)/tofu", searchPath: "").refusesNumericTail == false)
            #expect(try Engine.resolve("\(folder)/terraform", searchPath: "").refusesNumericTail == true)
        }
    }
}

@Suite struct RunChecksTests {
    private func check(
        _ module: String, environment: String = "4b41bf32-b337-93a4-ad65-1d565c5e25be", engine: String? = nil,
        backend: StateBackend = .kubernetes
    ) throws {
        var request = RunRequest(
            operation: .plan, environment: try EnvironmentID(environment), namespace: "ns", module: module,
            engine: engine)
        request.backend = backend
        let context = RunContext(
            environment: ["PATH": engine == nil ? "/nowhere" : ""], interruption: Interruption(),
            storage: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
        _ = try Run(request, context: context, logger: .init(label: "test"))
    }

    @Test func anEmptyModuleWouldDestroyEverything() async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: RunError.self) { try check(folder, engine: "/bin/true") }
            #expect(error?.code == .module)
            #expect(error?.description.contains("would destroy") == true)
        }
    }

    @Test(arguments: ["main.tofu", ".hidden.tf", "only_override.tf", "override.tf.json", "#saved.tf#", "main.tf~"])
    func aModuleThatTheEngineDoesNotReadIsAsGoodAsEmpty(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            try write([name: "", "folder.tf/x": ""], below: folder)
            let error = #expect(throws: RunError.self) { try check(folder, engine: "/bin/true") }
            #expect(error?.code == .module)
        }
    }

    @Test func aModuleMustBeAFolder() async throws {
        let error = #expect(throws: RunError.self) { try check("/nowhere") }
        #expect(error?.code == .module)
    }

    @Test func withTheUsersHostAPlanIsSavedByAGatewayOnly() async throws {
        try await withTemporaryFolder { folder in
            try write(["main.tf": ""], below: folder)
            var request = RunRequest(
                operation: .plan, environment: try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"),
                namespace: "ns", module: folder, engine: "/bin/true")
            let context = RunContext(
                environment: ["PATH": "", "KUBE_HOST": "https://elsewhere"], interruption: Interruption(),
                storage: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
            _ = try Run(request, context: context, logger: .init(label: "test"))
            request.planFile = "\(folder)/plan"
            let error = #expect(throws: RunError.self) {
                try Run(request, context: context, logger: .init(label: "test"))
            }
            #expect(error?.code == .plan)
            #expect(error?.description.contains("--backend gateway") == true)
            request.backend = .gateway
            _ = try Run(request, context: context, logger: .init(label: "test"))
        }
    }

    @Test func terraformCannotKeepANumericTail() async throws {
        try await withTemporaryFolder { folder in
            try write(["main.tf": ""], below: folder)
            let numeric = "4b41bf32-b337-93a4-ad65-123456789012"
            let error = #expect(throws: RunError.self) { try check(folder, environment: numeric, engine: "/bin/true") }
            #expect(error?.code == .numericTail)
            #expect(error?.description.contains("--engine tofu") == true)
            #expect(symlink("/bin/true", "\(folder)/tofu") == 0)
            try check(folder, environment: numeric, engine: "\(folder)/tofu")
            try check(folder, environment: numeric, engine: "/bin/true", backend: .gateway)
        }
    }
}

@Suite struct InterruptionTests {
    @Test func theFirstSignalIsPassedOnAndTheSecondKills() async throws {
        let interruption = Interruption()
        let (deliveries, sink) = AsyncStream.makeStream(of: Interruption.Delivery.self)
        await interruption.delivering({ sink.yield($0) }) {
            interruption.interrupt(SIGTERM)
            interruption.interrupt(SIGINT)
        }
        interruption.interrupt(SIGINT)
        sink.finish()
        #expect(await deliveries.reduce(into: []) { $0.append($1) } == [.toEngine(signal: SIGTERM), .killGroup])
        #expect(interruption.wasRequested)
    }

    @Test func aSignalJustBeforeTheEngineStartedIsNotLost() async throws {
        let interruption = Interruption()
        interruption.interrupt(SIGINT)
        let (deliveries, sink) = AsyncStream.makeStream(of: Interruption.Delivery.self)
        await interruption.delivering({ sink.yield($0) }) { sink.finish() }
        #expect(await deliveries.reduce(into: []) { $0.append($1) } == [.toEngine(signal: SIGINT)])
    }
}

@Suite struct EngineBackendTests {
    @Test func leavesNothingToTheUsersVariables() throws {
        let backend = EngineBackend.kubernetes(
            try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"), namespace: "humanitec-runner",
            relay: "http://127.0.0.1:1/x", kubeconfigPath: "/run/kubeconfig", hasUserHost: false)
        #expect(
            backend.override.text
                == #"{"terraform":{"backend":{"kubernetes":{"secret_suffix":"4b41bf32-b337-93a4-ad65-1d565c5e25be","#
                + #""namespace":"humanitec-runner","in_cluster_config":false,"load_config_file":true,"insecure":false,"#
                + #""config_path":"/run/kubeconfig","config_context":"stowage","config_context_auth_info":"stowage","#
                + #""config_context_cluster":"stowage"}}}}"#)
    }

    @Test func theGatewaysAddressAndCredentialAreInNoFile() throws {
        let backend = EngineBackend.http(
            try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"), gateway: "http://127.0.0.1:1", password: "secret"
        )
        #expect(!backend.override.text.contains("127.0.0.1") && !backend.override.text.contains("secret"))
        #expect(backend.kubeconfig == nil)
        let state = "http://127.0.0.1:1/v1/environments/4b41bf32-b337-93a4-ad65-1d565c5e25be/state"
        for name in ["TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS"] {
            #expect(backend.variables[name] == state)
        }
        #expect(backend.variables["TF_HTTP_PASSWORD"] == "secret")
    }
}
