package ${{ values.package }};

import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** What a client is told, as RFC 9457 has it: its own mistakes in words, ours without the inside. */
@RestControllerAdvice
public class Problems extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    @Override
    protected ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException error,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        var detail =
                error.getFieldErrors().stream()
                        .map(found -> found.getField() + ": " + found.getDefaultMessage())
                        .collect(Collectors.joining("; "));
        return invalid(error, detail, headers, request);
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException error,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        var detail = String.valueOf(error.getMostSpecificCause().getMessage()).lines().findFirst();
        return invalid(error, detail.orElse("body: not readable"), headers, request);
    }

    @ExceptionHandler(RuntimeException.class)
    ProblemDetail failed(RuntimeException error) {
        LOG.error("request failed", error);
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.INTERNAL_SERVER_ERROR, "Something went wrong here");
    }

    private ResponseEntity<Object> invalid(
            Exception error, String detail, HttpHeaders headers, WebRequest request) {
        var status = HttpStatus.UNPROCESSABLE_CONTENT;
        var problem = ProblemDetail.forStatusAndDetail(status, detail);
        return handleExceptionInternal(error, problem, headers, status, request);
    }
}
