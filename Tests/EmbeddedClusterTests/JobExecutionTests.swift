@testable import EmbeddedCluster
import Foundation
import KubernetesAPI
import OrderedJSON
import Testing

@Suite(.timeLimit(.minutes(20))) struct JobExecutionTests {
    @Test func aJobRunsItsPodAndIsDone() async throws {
        try await withWorkloads { workloads in
            let created = try await workloads.createJob("one", "echo hello")
            let job = try await workloads.waitForJob("one", "Complete")
            #expect(job["status"]?["succeeded"] == 1)
            #expect(job["status"]?.time("completionTime") != nil)
            let pod = try await workloads.waitForPod(ofJob: "one")
            #expect(pod.objectName?.hasPrefix("one-") == true)
            #expect(pod.objectName?.count == 9)
            let owner = pod["metadata"]?.elements("ownerReferences").first
            #expect(owner?["uid"] == created["metadata"]?["uid"])
            #expect(owner?["controller"] == true)
            #expect(try await workloads.log(pod.objectName ?? "") == "hello\n")
            _ = try await workloads.wait("events") { events in
                let reasons = events.filter { $0["involvedObject"]?["name"] == "one" }.compactMap {
                    $0["reason"]?.string
                }
                return reasons == ["SuccessfulCreate", "Completed"] ? true : nil
            }
        }
    }

    @Test func aJobFailsAfterAsManyPodsAsItAllows() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createJob("one", "exit 1", job: ["backoffLimit": 1])
            _ = try await workloads.wait("jobs.batch", "one") { $0["status"]?["failed"] == 1 }
            clock.advance(by: .seconds(10))
            let job = try await workloads.waitForJob("one", "Failed")
            #expect(job["status"]?["failed"] == 2)
            #expect(
                job["status"]?.elements("conditions").first { $0["type"] == "Failed" }?["reason"]
                    == "BackoffLimitExceeded")
        }
    }

    @Test func aJobHasNoMoreTimeThanItsDeadline() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createJob("one", "exec sleep 1000", job: ["activeDeadlineSeconds": 30])
            _ = try await workloads.waitForPod(ofJob: "one") { $0["status"]?["phase"] == "Running" }
            clock.advance(by: .seconds(30))
            let job = try await workloads.waitForJob("one", "Failed")
            let failed = job["status"]?.elements("conditions").first { $0["type"] == "Failed" }
            #expect(failed?["reason"] == "DeadlineExceeded")
            #expect(failed?["message"] == "Job was active longer than specified deadline")
        }
    }

    @Test func aJobGoesSomeTimeAfterItsEnd() async throws {
        let clock = TestClock()
        try await withWorkloads(clock: clock.clock) { workloads in
            try await workloads.createJob("one", "true", job: ["ttlSecondsAfterFinished": 3600])
            _ = try await workloads.waitForJob("one", "Complete")
            clock.advance(by: .seconds(3600))
            try await workloads.waitUntilGone("jobs.batch", "one")
            _ = try await workloads.wait("pods") { $0.isEmpty ? true : nil }
        }
    }

    @Test func aSuspendedJobStopsAndGoesOn() async throws {
        try await withWorkloads { workloads in
            try await workloads.createJob("one", "exec sleep 1000")
            _ = try await workloads.waitForPod(ofJob: "one") { $0["status"]?["phase"] == "Running" }
            try await setSuspended(true, workloads)
            let suspended = try await workloads.waitForJob("one", "Suspended")
            #expect(suspended["status"]?["startTime"] == nil)
            _ = try await workloads.wait("pods") { $0.isEmpty ? true : nil }
            try await setSuspended(false, workloads)
            _ = try await workloads.waitForPod(ofJob: "one") { $0["status"]?["phase"] == "Running" }
        }
    }

    private func setSuspended(_ isSuspended: Bool, _ workloads: TestWorkloads) async throws {
        var job = try await workloads.cluster.send("GET", "\(TestWorkloads.jobs)/one").json
        job["metadata"]?["resourceVersion"] = nil
        job["spec"]?["suspend"] = .bool(isSuspended)
        #expect(try await workloads.cluster.send("PUT", "\(TestWorkloads.jobs)/one", job).status == 200)
    }

    @Test func aJobOfManyPodsRunsThemAll() async throws {
        try await withWorkloads { workloads in
            try await workloads.createJob("one", "true", job: ["parallelism": 3, "completions": 7])
            let job = try await workloads.waitForJob("one", "Complete")
            #expect(job["status"]?["succeeded"] == 7)
        }
    }

    @Test func anAccountThatIsMissingIsSaidInAnEvent() async throws {
        try await withWorkloads { workloads in
            try await workloads.createJob("one", "true", spec: ["serviceAccountName": "nobody"])
            let event = try await workloads.wait("events") { $0.first { $0["reason"] == "FailedCreate" } }
            #expect(event["type"] == "Warning")
            #expect(event["message"]?.string?.contains("serviceaccount \"nobody\" not found") == true)
        }
    }
}
