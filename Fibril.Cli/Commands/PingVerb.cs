using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands;

/// <summary>Shows whether a broker answers, and how fast.</summary>
internal sealed class PingVerb : Verb
{
    private const int DefaultCount = 5;

    private readonly Option<long?> _count = Inputs.Number("--count", $"Round trips to measure; default {DefaultCount}.", 1, 1_000_000);

    public PingVerb(GlobalOptions global, CliContext context)
        : base("ping", "Connects, signs in, and measures round trips to the broker.", global, context)
    {
        Add(_count);
        Notes = ["Prints one line on standard output. The first round trip pays for the start of both programs and is not counted."];
        Examples =
        [
            new("fibrilctl ping", "Is the broker of this machine up?"),
            new("fibrilctl ping --broker broker-1:9876 --count 100", "Measures a hundred round trips."),
            new("until fibrilctl ping --quiet; do sleep 1; done", "Waits for a broker to come up."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        BrokerTarget target = Global.FindBroker(parse, Context);
        await using FibrilClient client = await Connector.ConnectAsync(target, cancellationToken);
        await client.PingAsync(cancellationToken);
        var times = new TimeSpan[(int)(parse.GetValue(_count) ?? DefaultCount)];
        for (int index = 0; index < times.Length; index++) times[index] = await client.PingAsync(cancellationToken);

        Write(Describe(target, times) + "\n");
        return ExitCode.Success;
    }

    internal static string Describe(BrokerTarget target, TimeSpan[] times)
    {
        Array.Sort(times);
        TimeSpan middle = times[times.Length / 2];
        TimeSpan median = times.Length % 2 == 1 ? middle : (middle + times[(times.Length / 2) - 1]) / 2;
        return $"reached {target.Address} as {target.Credentials.UserName}: {Amounts.Count(times.Length, "round trip", "round trips")}, "
            + $"min {Amounts.Duration(times[0])}, median {Amounts.Duration(median)}, max {Amounts.Duration(times[^1])}";
    }
}
