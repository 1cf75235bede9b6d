using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Storage;

/// <summary>One log through many crashes and failures of the disk, at random moments and in random ways.</summary>
public sealed class LogHistoryTests
{
    [Theory] // S-2, S-7, S-41, S-42, S-65, Z-3
    [InlineData((byte)LogKind.Messages)]
    [InlineData((byte)LogKind.Events)]
    public void What_was_durable_stays_and_what_comes_back_is_what_was_appended(byte kind)
    {
        for (int seed = 1; seed <= TestScale.Iterations(60); seed++)
        {
            try
            {
                new LogHistory((LogKind)kind, seed).Run(crashes: 15);
            }
            catch (Exception broken)
            {
                throw new Xunit.Sdk.XunitException($"seed {seed}: {broken.Message}", broken);
            }
        }
    }

    private sealed class LogHistory(LogKind kind, int seed)
    {
        private readonly Random _random = new(seed);
        private SimulatedFileSystem _disk = new();
        private List<string> _appended = [];
        private long _durableEnd;
        private (SimulatedFileSystem Image, long DurableEnd, int AppendedCount)? _crash;

        public void Run(int crashes)
        {
            for (int i = 0; i < crashes; i++) RunToCrash(i);
            Recover(crashes);
        }

        private void RunToCrash(int generation)
        {
            LogHarness log = Recover(generation);
            int crashAt = _random.Next(1, 60);
            _crash = null;
            _disk.BeforeOperation = operation => OnOperation(log, operation, ref crashAt);
            for (int i = 0; _crash is null && log.Log.Fault is null && i < 100; i++)
            {
                AppendSome(log, generation);
                if (_random.Next(3) > 0) log.Log.Flush();
                if (_random.Next(4) == 0) log.Log.RequestSync();
                if (_random.Next(3) > 0) log.Run();
                log.TakeCompleted();
            }

            _disk.BeforeOperation = null;
            (_disk, _durableEnd, int count) = _crash ?? (_disk.AfterKill(), log.Log.DurableEnd, _appended.Count);
            _appended = _appended[..count];
        }

        private void AppendSome(LogHarness log, int generation)
        {
            var texts = new string[_random.Next(1, 5)];
            for (int i = 0; i < texts.Length; i++)
            {
                // Equal sizes often, so that later records end where earlier ones did.
                int length = _random.Next(4) switch { 0 => 2000, 1 => _random.Next(10, 700), _ => 100 };
                texts[i] = $"{generation}.{_appended.Count}.".PadRight(length, '-');
                _appended.Add(texts[i]);
            }

            log.Append(texts);
        }

        private void OnOperation(LogHarness log, DiskOperation operation, ref int crashAt)
        {
            if (_crash is not null || --crashAt > 0) return;
            if (operation.Kind is DiskOperationKind.Sync or DiskOperationKind.Write && _random.Next(3) == 0)
            {
                if (_random.Next(2) == 0) _disk.ApplyPartOf(operation, _random.Next(5000));
                throw DiskFaults.InputOutputError();
            }

            SimulatedFileSystem during = _disk.AfterKill();
            during.ApplyPartOf(operation, _random.Next(2) == 0 ? int.MaxValue : _random.Next(5000));
            SimulatedFileSystem image = _random.Next(3) switch
            {
                0 => during,
                1 => during.AfterPowerLoss(),
                _ => during.AfterPowerLoss(_random, SimulatedFileSystem.SectorBytes),
            };
            _crash = (image, log.Log.DurableEnd, _appended.Count);
        }

        private LogHarness Recover(int generation)
        {
            var log = new LogHarness(_disk, kind: kind, salt: (uint)(seed * 1_000_000) + (uint)(generation * 1000));
            Assert.InRange(log.Visited.Count, _durableEnd, _appended.Count);
            Assert.Equal(_appended[..log.Visited.Count], log.Visited.Select(static record => record.Text));
            Assert.Equal(log.Visited.Count, log.Log.DurableEnd);
            _appended = _appended[..log.Visited.Count];
            _durableEnd = log.Log.DurableEnd;
            return log;
        }
    }
}
