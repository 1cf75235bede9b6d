using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands.Diagnostics;

/// <summary>Looks whether broker and admin API can be reached and used from here.</summary>
internal sealed class NetworkChecks(TimeProvider time)
{
    private const int RoundTrips = 5;

    private static readonly TimeSpan SlowRoundTrip = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TolerableSkew = TimeSpan.FromSeconds(5);

    public static async Task<Finding> CheckBrokerAsync(BrokerTarget target, CancellationToken cancellationToken)
    {
        string check = $"broker {target.Address}";
        try
        {
            await using FibrilClient client = await Connector.ConnectAsync(target, cancellationToken);
            TimeSpan best = TimeSpan.MaxValue;
            for (int trip = 0; trip < RoundTrips; trip++)
            {
                TimeSpan taken = await client.PingAsync(cancellationToken);
                if (taken < best) best = taken;
            }

            string detail = $"signed in as {target.Credentials.UserName}, round trip {Amounts.Duration(best)}";
            return best < SlowRoundTrip ? Finding.Good(check, detail) : Finding.Warning(check, detail, "Every confirm waits for at least one round trip: publish with many messages in flight, or run clients nearer to the broker.");
        }
        catch (CliException failure)
        {
            return Finding.Of(check, failure);
        }
        catch (FibrilException failure)
        {
            return Finding.Bad(check, failure.Message, FailureReport.Judge(failure).Remedy);
        }
    }

    public async Task<IReadOnlyList<Finding>> CheckAdminAsync(AdminTarget target, CancellationToken cancellationToken)
    {
        string check = $"admin API {AdminFailure.Shown(target.Address)}";
        try
        {
            using var admin = new AdminClient(target);
            long sent = time.GetTimestamp();
            AdminAnswer answer = await admin.SendAsync(HttpMethod.Get, new Route("/admin/api/topology"), null, cancellationToken);
            TimeSpan taken = time.GetElapsedTime(sent);
            if (!answer.IsSuccess) return [Finding.Of(check, AdminFailure.Of(answer, target.Address))];
            return
            [
                Finding.Good(check, $"lets {target.Credentials.UserName} in, answered in {Amounts.Duration(taken)}"),
                CheckClock(answer, taken),
                CheckVersion(answer.Read()),
                await CheckReadinessAsync(admin, cancellationToken),
                await CheckAttentionAsync(admin, cancellationToken),
            ];
        }
        catch (CliException failure)
        {
            return [Finding.Of(check, failure)];
        }
    }

    /// <summary>The header has whole seconds, and the answer was on its way for a while: the difference is good to a second or so.</summary>
    internal Finding CheckClock(AdminAnswer answer, TimeSpan taken)
    {
        if (answer.Headers.Date is not { } theirs) return Finding.Warning("clock", "the broker does not say what time it is", "Compare the clocks by hand.");
        TimeSpan skew = (time.GetUtcNow() - theirs - (taken / 2)).Duration();
        return skew <= TolerableSkew
            ? Finding.Good("clock", "the broker's and this machine's agree")
            : Finding.Warning("clock", $"the broker's and this machine's differ by {Amounts.Span(skew)}", "Let both machines keep time with NTP: delays and times to live are given by one and judged by the other.");
    }

    internal static Finding CheckVersion(JsonElement topology) => VersionVerb.VersionOf(topology) switch
    {
        null => Finding.Warning("version", "the broker does not say which version it is", "Something else may answer there."),
        { } theirs when theirs == VersionVerb.Own => Finding.Good("version", $"broker and fibrilctl are {theirs}"),
        { } theirs => Finding.Warning("version", $"the broker is {theirs} and this fibrilctl {VersionVerb.Own}", "Use the fibrilctl that came with the broker; others may lack functions."),
    };

    private static async Task<Finding> CheckReadinessAsync(AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement readiness = await Operations.Readiness.AskAsync(admin, cancellationToken);
        return Operations.Readiness.IsReady(readiness)
            ? Finding.Good("readiness", "the broker is ready")
            : Finding.Bad("readiness", "the broker is not ready", "See fibrilctl health and fibrilctl quarantine list.");
    }

    private static async Task<Finding> CheckAttentionAsync(AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement[] items = [.. Views.JsonPath.Items(Views.JsonPath.At(await admin.GetAsync(new Route("/admin/api/attention"), cancellationToken), "items"))];
        return items.Length == 0
            ? Finding.Good("attention", "the broker reports nothing to look at")
            : Finding.Warning("attention", $"the broker reports {Amounts.Count(items.Length, "thing", "things")} to look at", "See fibrilctl attention.");
    }
}
