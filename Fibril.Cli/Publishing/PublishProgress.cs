using Fibril.Cli.Output;
using Spectre.Console;

namespace Fibril.Cli.Publishing;

/// <summary>Shows on standard error how publishing proceeds: a line that overwrites itself on a terminal, else a line now and then.</summary>
internal sealed class PublishProgress(Talk talk, PublishTally tally, long? inputBytes, bool isConfirmed)
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly RateMeter _rate = new(TimeProvider.System);

    /// <summary>Runs <paramref name="work"/> to its end with the display.</summary>
    public Task ShowAsync(Func<Task> work)
    {
        if (talk.IsQuiet) return work();
        return talk.IsTerminal ? ShowOnTerminalAsync(work) : TickAsync(work(), LineInterval, () => talk.Say(Describe()));
    }

    private Task ShowOnTerminalAsync(Func<Task> work)
    {
        Progress progress = new Progress(talk.CreateConsole()) { AutoRefresh = false, AutoClear = true, HideCompleted = false }
            .ExcludeVerticalPadding()
            .Columns(inputBytes is null
                ? [new SpinnerColumn(), new TaskDescriptionColumn()]
                : [new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new TaskDescriptionColumn()]);
        return progress.StartAsync(async display =>
        {
            ProgressTask task = display.AddTask(Describe(), maxValue: Math.Max(1, inputBytes ?? 1));
            task.IsIndeterminate = inputBytes is null;
            await TickAsync(work(), RefreshInterval, () =>
            {
                task.Description = Describe();
                if (inputBytes is not null) task.Value = tally.BytesRead;
                display.Refresh();
            });
        });
    }

    private static async Task TickAsync(Task work, TimeSpan interval, Action show)
    {
        using var timer = new PeriodicTimer(interval);
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()) != work) show();
        await work;
    }

    private string Describe()
    {
        long sent = tally.Sent, confirmed = tally.Confirmed;
        string rate = _rate.Add(isConfirmed ? confirmed : sent);
        string lines = $"{Amounts.Count(sent, "line", "lines")} published";
        return isConfirmed ? $"{lines}, {Amounts.Count(confirmed)} confirmed, {rate}" : $"{lines}, {rate}";
    }
}
