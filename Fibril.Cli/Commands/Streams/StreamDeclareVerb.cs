using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Creates a stream, or changes what is given of one.</summary>
internal sealed class StreamDeclareVerb : Verb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<long?> _partitions = Inputs.Number("--partitions", "Partitions of the stream; default the broker's.", 1, int.MaxValue);

    private readonly Option<string?> _durability = Inputs.Choice(
        "--durability", "durable (default) confirms what is on the disk, speculative shows it earlier, ephemeral keeps it in memory only.", "durable", "speculative", "ephemeral");

    private readonly Option<TimeSpan?> _maxAge = Inputs.Duration("--max-age", "Records older than this are removed.");
    private readonly Option<long?> _maxBytes = Inputs.Number("--max-bytes", "The oldest are removed when a partition is larger.", 0, long.MaxValue);
    private readonly Option<long?> _maxRecords = Inputs.Number("--max-records", "The oldest are removed when a partition has more.", 0, long.MaxValue);
    private readonly Option<long?> _replicationFactor = Inputs.Number("--replication-factor", "Brokers of a cluster that have each partition.", 1, int.MaxValue);

    public StreamDeclareVerb(GlobalOptions global, CliContext context) : base("declare", "Creates a stream, or changes what is given of an existing one.", global, context)
    {
        Add(_topic);
        AddOptions(_partitions, _durability, _maxAge, _maxBytes, _maxRecords, _replicationFactor);
        Notes = ["Prints 'declared stream <topic>'. A stream does not change its durability: that is refused with exit code 4. Bounds are for each partition."];
        Examples =
        [
            new("fibrilctl stream declare ticks --partitions 4 --max-age 7d", "Four partitions, a week of records."),
            new("fibrilctl stream declare cursors.mouse --durability ephemeral --max-records 1000", "In memory only."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic);
        var declaration = new StreamDeclaration
        {
            PartitionCount = (int?)parse.GetValue(_partitions),
            Durability = Enum.Parse<Durability>(parse.GetValue(_durability) ?? nameof(Durability.Durable), ignoreCase: true),
            MaxAge = parse.GetValue(_maxAge),
            MaxBytes = parse.GetValue(_maxBytes),
            MaxRecords = parse.GetValue(_maxRecords),
            ReplicationFactor = (int?)parse.GetValue(_replicationFactor),
        };
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        int partitions = await client.DeclareStreamAsync(topic, declaration, cancellationToken);
        Write($"declared stream {topic}\n");
        talk.Say($"{topic} has {Amounts.Count(partitions, "partition", "partitions")}");
        return ExitCode.Success;
    }
}
