using CertOperator.Crds.Batches;

namespace CertOperator.Operator.Batches;

/// <summary>What this process knows of a batch: its rows, and when what of them was last stored. After a restart the pages and the runs tell it again.</summary>
public sealed class BatchWork
{
    private readonly List<BatchRow> _rows = [];
    private readonly Dictionary<int, DateTimeOffset> _notBefore = [];
    private readonly HashSet<int> _unsaved = [];
    private int _settled;
    private DateTimeOffset _seen;

    public required string BatchUid { get; init; }

    /// <summary>Whether it was looked up what an earlier process has stored.</summary>
    public bool Loaded { get; set; }

    /// <summary>Null without a plan.</summary>
    public IReadOnlyList<BatchRow>? Rows { get; private set; }

    /// <summary>When the last run was made.</summary>
    public DateTimeOffset? LastStart { get; private set; }

    /// <summary>Before this time rows are not stored again, unless the batch takes another turn.</summary>
    public DateTimeOffset PagesDue { get; set; }

    /// <summary>Before this time the status is not written again, unless the batch takes another turn.</summary>
    public DateTimeOffset StatusDue { get; set; }

    public void SetPlan(IReadOnlyList<BatchRow> rows)
    {
        _rows.Clear();
        _rows.AddRange(rows);
        _notBefore.Clear();
        _unsaved.Clear();
        _settled = 0;
        Rows = _rows;
        foreach (var row in rows)
        {
            NoteStart(row);
        }
    }

    /// <summary>All rows have to be stored.</summary>
    public void MarkAllUnsaved() => _unsaved.UnionWith(Enumerable.Range(0, _rows.Count));

    public void Set(int index, BatchRow row)
    {
        var before = _rows[index];
        if (before == row)
        {
            return;
        }

        _rows[index] = row;
        _unsaved.Add(index);
        if (before.StartedAt != row.StartedAt)
        {
            NoteStart(row);
        }
    }

    /// <summary>Notes the time. Where the clock was set back, nothing waits for a time that it reaches only much later, and the pace counts from now.</summary>
    public void Observe(DateTimeOffset now)
    {
        if (now < _seen)
        {
            _notBefore.Clear();
            (PagesDue, StatusDue) = (now, now);
        }

        (_seen, LastStart) = (now, LastStart > now ? now : LastStart);
    }

    /// <summary>A row whose turn must not come before that time.</summary>
    public void Postpone(int index, DateTimeOffset until) => _notBefore[index] = until;

    /// <summary>Rows that wait and may have their turn now, in the order of the plan.</summary>
    public IEnumerable<int> Ready(DateTimeOffset now)
    {
        // Rows at the beginning of the plan are settled first, and never change again.
        while (_settled < _rows.Count && BatchRows.IsFinal(_rows[_settled].State))
        {
            _settled++;
        }

        for (var i = _settled; i < _rows.Count; i++)
        {
            if (_rows[i].State == BatchRowState.Waiting && !(_notBefore.GetValueOrDefault(i) > now))
            {
                yield return i;
            }
        }
    }

    public IEnumerable<int> InState(params BatchRowState[] states) => Enumerable.Range(_settled, _rows.Count - _settled).Where(i => states.Contains(_rows[i].State));

    /// <summary>When the first of the rows that were postponed has its turn; null where none was.</summary>
    public DateTimeOffset? NextTurn(DateTimeOffset now)
        => InState(BatchRowState.Waiting).Select(i => _notBefore.TryGetValue(i, out var until) && until > now ? until : (DateTimeOffset?)null).Min();

    /// <summary>Numbers of the pages that are not stored as they are now.</summary>
    public IReadOnlyList<int> UnsavedPages() => [.. _unsaved.Select(i => i / BatchPages.RowsEach).Distinct().Order()];

    public void PageSaved(int page) => _unsaved.RemoveWhere(i => i / BatchPages.RowsEach == page);

    private void NoteStart(BatchRow row) => LastStart = row.StartedAt is { } at && !(LastStart >= at) ? at : LastStart;
}
