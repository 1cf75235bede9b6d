using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Brokers stop, are killed, lose power, or have a disk that fails, with publishes, settlements, operations and copies under way.
internal sealed partial class ModelRun
{
    /// <summary>A stop, a kill or a power loss; each of them sometimes amid what is being done.</summary>
    private void Restart()
    {
        Ending ending = (Ending)_random.Next(3);
        _doing = ending.ToString();

        // Whether a kill came before or after a settlement that a consumer makes by itself cannot be seen from outside.
        RemoveConsumers(static consumer => consumer.Subscription.AutoAck);
        if (ending == Ending.PowerLoss && !_isAllDurable) Advance(SyncTime);
        Func<bool>? operation = _random.Next(2) == 0 ? BeginSomething(ending) : null;
        if (ending == Ending.Stop) Stop();
        _operator.RunOwn();
        bool isAnswered = operation is not null && operation();
        if (ending == Ending.Stop || isAnswered) _reference.Forget(); // S-60, M-38
        ExpectCopiesAgain();

        SimulatedFileSystem disk = ending != Ending.PowerLoss ? _source.Disk.AfterKill()
            : _random.Next(2) == 0 ? _source.Disk.AfterPowerLoss()
            : _source.Disk.AfterPowerLoss(_random, SimulatedFileSystem.SectorBytes);
        bool isDamaged = _random.Next(3) == 0 && SnapshotDamage.FlipBitOfNewest(disk, _source.Directory, _random) is not null; // F-39
        if (isDamaged)
        {
            // The older one does not know who sent what was settled and given up since.
            _doing += ", the newest snapshot damaged";
            _numbered.Clear();
        }

        Dispose();
        _time.Advance(TimeSpan.FromMilliseconds(1)); // no process starts in no time
        _reference.Restart(interrupted: ending != Ending.Stop || isDamaged);
        _copiesOwedFrom = default; // a new process makes no pause
        Open(disk);
        LearnWhatSurvived();
        AssertAtRest(looksAtAll: true);
        Assert.True(_unsettledInTarget.Count == 0, $"copies are lost in the target: {string.Join(", ", _unsettledInTarget)}");
    }

    private void Stop()
    {
        Task[] stopped = [_source.Partition.StopAsync(), _target.Partition.StopAsync()];
        _operator.Run();
        Assert.All(stopped, static stop => Assert.True(stop.IsCompletedSuccessfully, "a partition did not stop"));
    }

    /// <summary>Begins one thing or another that the end of the process comes upon.</summary>
    /// <returns>Whether an operator was answered; null when it is somebody else.</returns>
    private Func<bool>? BeginSomething(Ending ending)
    {
        _reference.Remember();
        Func<bool>? operation = null;
        if (ending != Ending.Stop && _random.Next(3) == 0)
        {
            _doing += " amid a publish";
            PostSome();
        }
        else
        {
            foreach (Consumer consumer in _reference.Consumers) consumer.Room = 0;
            _doing += " amid";
            PostSettlesOfSome();
            _reference.Remember();
            int choice = _random.Next(3);
            if (choice == 0)
            {
                operation = BeginOperation();
            }
            else if (choice == 1)
            {
                _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 1000)));
                _reference.Settle();
            }
        }

        for (int steps = _random.Next(_random.Next(2) == 0 ? 4 : 30); steps > 0 && _operator.Step(); steps--)
        {
            // As far as the broker got.
        }

        return operation;
    }

    /// <summary>
    /// One write or sync fails while messages are published; the partition opens its files again, and nobody who holds a lease notices.
    /// </summary>
    private void FailStorage()
    {
        _doing = "fail a write or a sync";
        FailNext(_source.Directory, () =>
        {
            PostSome();
            _operator.Run(); // what is published and what is due do not meet in one turn
            Advance(SyncTime); // the sync of settlements may be the one
        });
        Assert.Null(_source.Partition.OutageText);
        Assert.True(_unanswered.Keys.Concat(_repeated.Keys).All(_source.Publisher.Failed.ContainsKey), "a publish is not answered");
        _source.Publisher.Failed.Clear();
        LearnWhatSurvived();
    }

    private void FailNext(string directory, Action during)
    {
        DiskOperationKind kind = _random.Next(2) == 0 ? DiskOperationKind.Sync : DiskOperationKind.Write;
        int skipped = _random.Next(4);
        SimulatedFileSystem disk = _source.Disk;
        disk.BeforeOperation = operation =>
        {
            bool isMeant = operation.Kind == kind && operation.Path.StartsWith(directory, StringComparison.Ordinal)
                && operation.Path.EndsWith(".log", StringComparison.Ordinal);
            if (!isMeant || skipped-- > 0) return;
            disk.BeforeOperation = null;
            throw DiskFaults.InputOutputError();
        };
        during();
        disk.BeforeOperation = null;
    }
}
