def as_array(numbers) -> str:
    """Numbers as one literal, to be cast to the type of an array.

    PostgreSQL reads it in one go; ARRAY[…], as a list is written, it takes apart into an
    expression for each number, in every place of a statement that names it.

    >>> as_array([1, None, 2.5])
    '{1,NULL,2.5}'
    """
    written = ("NULL" if number is None else str(number) for number in numbers)
    return f"{{{','.join(written)}}}"
