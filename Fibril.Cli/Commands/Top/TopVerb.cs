using System.CommandLine;
using System.Threading.Channels;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Top;

/// <summary>Shows a broker live, on the whole terminal.</summary>
internal sealed class TopVerb : Verb
{
    private const int MostQueues = 100;

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);

    /// <summary>How soon a key and another size of the terminal are noticed.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Option<TimeSpan?> _interval = Inputs.Duration("--interval", "How often the broker is asked; default 2s.", TimeSpan.FromMilliseconds(500), GlobalOptions.LongestWait);
    private readonly Option<string?> _sort = Inputs.Choice("--sort", $"Which queues come first; default {TopOrder.All[0].Name}.", [.. TopOrder.All.Select(static order => order.Name)]);

    public TopVerb(GlobalOptions global, CliContext context)
        : base("top", "Shows a broker live: what flows, what needs attention, and the busiest queues, on the whole terminal.", global, context)
    {
        AddOptions(_interval, _sort);
        Notes =
        [
            "Keys: q quits, s changes the order of the queues. Rates are of the time between two answers; IN/S is what was published to a queue and OUT/S what has left it for good. "
            + "While the broker does not answer, the last state stays, and since when.",
        ];
        Examples =
        [
            new("fibrilctl top", "The fullest queues, every two seconds."),
            new("fibrilctl top --interval 5s --sort oldest", "Those that keep messages waiting longest."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        if (!Context.OutputIsTerminal || Context.Variable("TERM") == "dumb")
            throw new CliException(ExitCode.Usage, "top needs a terminal that it can draw on", "Use fibrilctl overview --watch, whose output may go anywhere.");
        using AdminClient admin = new(Global.FindAdmin(parse, Context));
        var source = new TopSource(admin, Context.Time);
        TopOrder order = TopOrder.All.FirstOrDefault(order => order.Name == parse.GetValue(_sort)) ?? TopOrder.All[0];
        TopReading first = await source.ReadAsync(order, RowsOf(Context.ScreenSize()), cancellationToken); // a failure is shown as everywhere
        var model = new TopModel(AdminFailure.Shown(admin.Address), first)
        {
            Order = order,
            Interval = parse.GetValue(_interval) ?? DefaultInterval,
            HasKeys = Context.InputIsTerminal,
        };
        using Stream output = Context.OpenOutput();
        using var screen = new FullScreen(output);
        await ShowAsync(model, source, screen, cancellationToken);
        return ExitCode.Success;
    }

    /// <summary>Shows and asks in turns, until somebody quits.</summary>
    private async Task ShowAsync(TopModel model, TopSource source, FullScreen screen, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ChannelReader<char> keys = ReadKeys(model.HasKeys);
        Task<TopModel>? asking = null;
        (long askedAt, bool isDue) = (Context.Time.GetTimestamp(), false);
        (TopModel? shown, ScreenSize shownSize) = (null, default);
        try
        {
            while (true)
            {
                while (keys.TryRead(out char key))
                {
                    if (key is 'q' or 'Q') return;
                    if (key is 's' or 'S') (model, isDue) = (model with { Order = model.Order.Next }, true);
                }

                if (asking is { IsCompleted: true }) (model, asking) = ((await asking) with { Order = model.Order }, null);
                if (asking is null && (isDue || Context.Time.GetElapsedTime(askedAt) >= model.Interval))
                {
                    asking = AskAsync(model, source, ending.Token);
                    (askedAt, isDue) = (Context.Time.GetTimestamp(), false);
                }

                ScreenSize size = Context.ScreenSize();
                if (!ReferenceEquals(model, shown) || size != shownSize) screen.Show(TopScreen.Draw(model, size), size);
                (shown, shownSize) = (model, size);
                await Task.Delay(Tick, Context.Time, cancellationToken);
            }
        }
        finally
        {
            await ending.CancelAsync();
            if (asking is not null) await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<TopModel> AskAsync(TopModel model, TopSource source, CancellationToken cancellationToken)
    {
        try
        {
            return model.With(await source.ReadAsync(model.Order, RowsOf(Context.ScreenSize()), cancellationToken));
        }
        catch (CliException failure)
        {
            return model with { Trouble = failure.Message };
        }
    }

    /// <summary>Keys as they are pressed. The thread that waits for them cannot be called back, and ends with the process.</summary>
    private ChannelReader<char> ReadKeys(bool hasKeys)
    {
        var keys = Channel.CreateBounded<char>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropWrite });
        if (!hasKeys) return keys.Reader;
        var waiting = new Thread(() =>
        {
            while (true) keys.Writer.TryWrite(Context.WaitForKey());
        })
        {
            IsBackground = true,
            Name = "keys",
        };
        waiting.Start();
        return keys.Reader;
    }

    private static int RowsOf(ScreenSize size) => Math.Clamp(size.Height - TopScreen.LeastHead, 1, MostQueues);
}
