using System.Diagnostics;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>A real disk that is really full: a file system of 160 MB in memory. Needs the right to mount one, and is skipped without.</summary>
public sealed class DiskFullTests(ITestOutputHelper output) : IDisposable
{
    private const string Topic = "filling";

    private static readonly string[] SmallSegments =
        ["--keratin-message-log-segment-max-bytes", $"{2 << 20}", "--keratin-event-log-segment-max-bytes", $"{256 << 10}"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        Run("umount", _directory.PathOf("disk"));
        _directory.Dispose();
    }

    [Fact] // S-66, F-41
    public async Task A_broker_on_a_full_disk_serves_consumers_loses_nothing_and_takes_messages_again_without_a_restart()
    {
        string disk = _directory.PathOf("disk");
        Directory.CreateDirectory(disk);
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", disk) != 0) Assert.Skip("No file system can be mounted here.");

        var confirmed = new HashSet<long>();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(Path.Combine(disk, "data"), SmallSegments);
        await using (FibrilClient client = await broker.ConnectAsync())
        {
            Publisher publisher = client.CreatePublisher(Topic);
            FibrilException full = await FillAsync(publisher, confirmed);
            Assert.Contains("disk of the broker is full", full.Message, StringComparison.Ordinal);
            Assert.True(full.IsTransient, "trying again helps, and the error does not say so");
            output.WriteLine($"full after {confirmed.Count} messages");

            // Consumers are served, and what they settle is stored and makes room.
            int half = confirmed.Count / 2;
            await using (Subscription subscription = await client.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 500, OwnConnection = true }))
            {
                var taken = 0;
                await foreach (ReceivedMessage message in subscription)
                {
                    confirmed.Remove(message.Offset);
                    await message.CompleteAsync();
                    if (++taken == half) break;
                }
            }

            await PublishUntilTakenAsync(publisher, confirmed);
        }

        // What is confirmed and not settled is there after a kill, all of it.
        await broker.KillAsync();
        await using BrokerProcess next = await BrokerProcess.StartAsync(Path.Combine(disk, "data"), SmallSegments);
        await using FibrilClient reading = await next.ConnectAsync();
        await using Subscription rest = await reading.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 500 });
        IAsyncEnumerator<ReceivedMessage> messages = rest.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        while (confirmed.Count > 0)
        {
            Assert.True(await Patience.Wait(messages.MoveNextAsync()));
            confirmed.Remove(messages.Current.Offset);
            await messages.Current.CompleteAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<FibrilException> FillAsync(Publisher publisher, HashSet<long> confirmed)
    {
        var window = new Queue<PublishConfirmation>();
        byte[] payload = new byte[8 << 10];
        FibrilException? failure = null;
        while (failure is null)
        {
            window.Enqueue(await publisher.BeginPublishAsync(payload));
            if (window.Count == 64) failure = await ConfirmAsync(window.Dequeue(), confirmed);
        }

        while (window.TryDequeue(out PublishConfirmation confirmation)) await ConfirmAsync(confirmation, confirmed);
        return failure;
    }

    private static async Task<FibrilException?> ConfirmAsync(PublishConfirmation confirmation, HashSet<long> confirmed)
    {
        try
        {
            confirmed.Add(await confirmation);
            return null;
        }
        catch (FibrilException failure)
        {
            return failure;
        }
    }

    private static async Task PublishUntilTakenAsync(Publisher publisher, HashSet<long> confirmed)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                confirmed.Add(await publisher.PublishAsync(new byte[100]));
                return;
            }
            catch (FibrilException failure) when (failure.IsTransient && !limit.IsCancellationRequested)
            {
                await Task.Delay(200, CancellationToken.None);
            }
        }
    }

    private static int Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
